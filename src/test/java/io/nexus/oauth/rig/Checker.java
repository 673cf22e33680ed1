package io.nexus.oauth.rig;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges a run by what its processes wrote down and what the database holds: the provider's log is right, whatever others say. Everything
 * that was ever written is judged; only what is of this run counts as looked at.
 */
final class Checker {

    private final Trail trail;
    private final Canaries canaries;
    private final Map<Invariant, Finding> findings = new EnumMap<>(Invariant.class);
    private final Map<Subject, Tally> tallies = new EnumMap<>(Subject.class);
    private final Minimums minimums;

    Checker(World world, Minimums minimums) throws IOException, SQLException {
        this(Trail.of(world), Canaries.of(world), minimums);
    }

    Checker(Trail trail, Canaries canaries, Minimums minimums) {
        this.trail = trail;
        this.canaries = canaries;
        this.minimums = minimums;
        for (Invariant each : Invariant.values()) {
            findings.put(each, each.finding());
        }
        for (Subject each : Subject.values()) {
            tallies.put(each, finding(each.invariant).tally(minimums.tally(each)));
        }
    }

    /** One finding for each invariant. */
    List<Finding> run() throws IOException {
        Set<String> stored = new GrantChecks(this).run();
        new ConnectChecks(this, stored).run();
        new AnswerChecks(this).run();
        new RevocationChecks(this).run();
        new DatabaseChecks(this).run();
        new EconomyChecks(this).run();
        canaries.search(this);
        return new ArrayList<>(findings.values());
    }

    Trail trail() {
        return trail;
    }

    Evidence evidence() {
        return trail.evidence();
    }

    Finding finding(Invariant invariant) {
        return findings.get(invariant);
    }

    /** Whether {@code subject} is part of the run. */
    boolean isPart(Subject subject) {
        return minimums.isPart(subject);
    }

    /** Counts one more of {@code subject} when it is of this run. */
    void looked(Subject subject, Journal.Line line) {
        tallies.get(subject).addIf(trail.isNew(line));
    }

    /** Counts more of {@code subject}. */
    void looked(Subject subject, long more) {
        tallies.get(subject).add(more);
    }
}
