package io.nexus.oauth.rig;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The least number of things that each invariant must look at in one run, so that its "ok" says something. A run declares, too, which
 * subjects it does not have: each subject has one or the other. The numbers are about a tenth of what a run has on two cores that
 * several builds share.
 */
final class Minimums {

    /** For a subject that is no part of a run. */
    private static final long NOT_PART = 0;

    /** In so many seconds the random schedule comes to each of its faults. */
    private static final long WHOLE_ROUND_S = 1200;

    private final Map<Subject, Long> least = new EnumMap<>(Subject.class);

    private Minimums() {}

    /** The minimums of {@code scenario}. */
    static Minimums of(Scenario scenario, Scenario.Run run, World.Plan plan) {
        Minimums all = usual(plan, run.seconds());
        switch (scenario) {
            case S2 -> all.least(Subject.DICE, 10);
            // their callers ask for accounts of their own, none of them at that provider
            case S12, LATE -> all.notPart(Subject.FORMER);
            case S14 -> all.least(Subject.REVOKED, 5).least(Subject.AFTER_REVOCATION, 5);
            // its callers ask for tokens that have ended
            case S16 -> all.notPart(Subject.FORMER, Subject.SERVED);
            // nobody asks for a token
            case S17 -> all.notPart(Subject.TOKENS, Subject.FORMER, Subject.ANSWERS, Subject.SERVED);
            case S23 ->
                all.least(Subject.REVOKED, Math.max(3, run.seconds() / 4))
                        .least(Subject.BORN, Math.max(3, run.seconds() / 4))
                        .notPart(Subject.AFTER_REVOCATION);
            case S24 ->
                all.least(Subject.TRADED, ConnectOutage.BROWSERS / 2)
                        .least(Subject.SESSIONS, ConnectOutage.BROWSERS / 2);
            case S21 ->
                all.least(Subject.DICE, 10)
                        .least(Subject.MACHINES, 20)
                        .least(Subject.REVOKED, 5)
                        .least(Subject.AFTER_REVOCATION, 20)
                        .least(Subject.ENDED_TENANTS, 1);
            default -> {}
        }
        if (scenario == Scenario.S21 && run.seconds() >= WHOLE_ROUND_S) {
            all.least(Subject.BORN, 5)
                    .least(Subject.TRADED, ConnectOutage.BROWSERS / 2)
                    // the sessions of ended tenants are deleted, and a long run ends most tenants
                    .least(Subject.SESSIONS, 1);
        }
        return all.complete();
    }

    /** Those of {@code attempts} crashes at each point of a refresh. */
    static Minimums points(World.Plan plan, int attempts) {
        Minimums all = usual(plan, 10);
        return all.least(Subject.REQUESTS, (long) attempts * KillPoints.POINTS.size())
                .complete();
    }

    /** Those of the drill: {@code mix} has no provider that kills tokens. */
    static Minimums drill(World.Plan plan) {
        return usual(plan, 60).notPart(Subject.FORMER).complete();
    }

    /** A run in which callers ask for tokens and nobody revokes anything or throws dice. */
    private static Minimums usual(World.Plan plan, long seconds) {
        long refreshes = refreshes(plan, seconds);
        long answers = Math.max(10, 5 * seconds);
        Minimums all = new Minimums();
        for (Subject each : List.of(Subject.INEXCUSABLE, Subject.REQUESTS, Subject.CALLS, Subject.RESULTS)) {
            all.least(each, refreshes);
        }
        for (Subject each : List.of(Subject.TOKENS, Subject.ANSWERS, Subject.SERVED)) {
            all.least(each, answers);
        }
        return all.least(Subject.FORMER, 1)
                .least(Subject.STATES, refreshes)
                .least(Subject.CHANGES, refreshes)
                .least(Subject.STORED, plan.accounts() / 2)
                .least(Subject.SCHEDULED, plan.accounts() / 2)
                .least(Subject.DATABASE_FILES, 100)
                .least(Subject.WAL_FILES, 1)
                .least(Subject.LOG_FILES, plan.replicas())
                .least(Subject.METRICS_FILES, plan.replicas())
                .least(Subject.JOURNAL_FILES, plan.replicas())
                .least(Subject.SECRETS, 3 + Tenants.COUNT)
                .least(Subject.SAMPLES, Math.max(3, seconds / 4))
                .least(Subject.POOLS, plan.replicas())
                .least(Subject.RECOVERIES, 1)
                .least(Subject.JOURNALS, plan.replicas())
                // grants die where answers are lost, and no scenario can promise that a caller meets one
                .notPart(Subject.REFUSALS)
                // the scenarios have accounts of their own; the random schedule asks for all
                .notPart(Subject.MACHINES)
                .notPart(Subject.BORN, Subject.TRADED, Subject.SESSIONS)
                .notPart(Subject.AFTER_REVOCATION, Subject.REVOKED, Subject.ENDED_TENANTS, Subject.DICE);
    }

    /** How many refreshes a run of {@code seconds} has at least. */
    static long refreshes(World.Plan plan, long seconds) {
        return Math.max(5, plan.accounts() * seconds / 100);
    }

    private Minimums least(Subject subject, long number) {
        least.put(subject, number);
        return this;
    }

    private Minimums notPart(Subject... subjects) {
        for (Subject each : subjects) {
            least.put(each, NOT_PART);
        }
        return this;
    }

    private Minimums complete() {
        for (Subject each : Subject.values()) {
            if (!least.containsKey(each)) {
                throw new IllegalStateException("no minimum is declared for " + each);
            }
        }
        return this;
    }

    /** An empty tally of {@code subject}. */
    Tally tally(Subject subject) {
        return isPart(subject) ? Tally.of(subject.what, least.get(subject)) : Tally.notPart(subject.what);
    }

    boolean isPart(Subject subject) {
        return least.get(subject) != NOT_PART;
    }
}
