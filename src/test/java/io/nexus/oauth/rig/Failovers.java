package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asynchronous replication, and a primary that dies with commits that the standby never got: their tokens are in the journals of the
 * replicas. One of these stands still over the promotion, one is killed right after it, one joins with an empty journal.
 */
final class Failovers {

    /** How many credentials must have a later token at the primary than at the standby. */
    private static final int LEAST = 10;

    private static final int MOST_UNSENT_S = 60;

    /** Longer than replicas wait anyway, shorter than they wait for one that is silent. */
    private static final int LATE_S = 30;

    /** For the schedule to take up what became due meanwhile. */
    private static final int AFTER_S = 25;

    private Failovers() {}

    static List<Finding> promote(World world, Scenario.Run run) throws Exception {
        PatroniCluster cluster = world.cluster();
        Replica restarted = world.replica(1);
        Replica late = world.replica(2);
        Replica joining = world.replica(3);
        joining.terminate(ReplicaFaults.STOPPING);
        delete(joining.home().resolve("journal"));
        cluster.awaitStandby();
        Finding finding = new Finding("S22", "a standby without the newest commits is promoted");
        Tally unsent = finding.tally("credentials whose newest token the standby lacks", LEAST);
        Tally ofLate = finding.tally("answers among them that the late survivor got", 1);
        Tally ofRestarted = finding.tally("answers among them that the restarted replica got", 1);
        Tally after = finding.tally("refreshes at providers that rotate, after all had replayed", LEAST);

        world.events().add("copying");
        Effect effect = new Effect(world);
        cluster.cutReplication();
        RunClock clock = new RunClock(MOST_UNSENT_S);
        while (clock.runs() && !isEnough(world, effect, run.seconds(), late, restarted)) {
            clock.sleep(500);
        }
        late.pause();
        TimeUnit.SECONDS.sleep(1); // what it was asked last is over
        unsent.add(cluster.lacking());
        ofLate.add(asked(effect, late));
        ofRestarted.add(asked(effect, restarted));
        world.events().add("database_away", "rep", "all");
        world.events().add("restoring");
        cluster.killPrimary();
        long killed = Journal.micros();
        cluster.awaitPromotion();
        world.events().add("database_back");

        restarted.kill();
        restarted.begin();
        joining.begin();
        TimeUnit.SECONDS.sleep(LATE_S);
        tooEarly(finding, world, killed, Journal.micros());
        late.resume();
        Effect resumed = new Effect(world);
        restarted.awaitStart();
        joining.awaitStart();
        RunClock patience = new RunClock(4L * AFTER_S);
        while (patience.runs() && resumed.provider(Failovers::rotated) < LEAST) {
            patience.sleep(500);
        }
        TimeUnit.SECONDS.sleep(AFTER_S);
        after.add(resumed.provider(Failovers::rotated));
        sentAgain(finding, world, killed);
        return List.of(finding);
    }

    private static boolean isEnough(World world, Effect effect, long seconds, Replica late, Replica restarted)
            throws Exception {
        return effect.provider(Failovers::rotated) >= 3L * LEAST
                && asked(effect, late) > LEAST / 2
                && asked(effect, restarted) > LEAST / 2
                && world.cluster().lacking() >= 2 * LEAST;
    }

    private static boolean rotated(Journal.Line line) {
        return line.event().equals("spend") && line.is("verdict", "rotated");
    }

    /** Requests of {@code replica}: the provider answers each of them, and nothing loses an answer here. */
    private static long asked(Effect effect, Replica replica) throws IOException {
        return effect.provider(line -> ReplicaFaults.rotates(line) && line.is("rep", replica.name()));
    }

    /** While a survivor stands still nobody asks a provider that rotates. */
    private static void tooEarly(Finding finding, World world, long from, long to) throws IOException {
        // a request that was on its way when the primary died may still arrive
        long since = from + 2_000_000;
        long asked = Journal.read(world.provider().log()).stream()
                .filter(line -> ReplicaFaults.rotates(line) && line.t() > since && line.t() < to)
                .count();
        if (asked > 0) {
            finding.violation("%d requests to rotating providers while a live replica had not replayed", asked);
        }
    }

    /** No token was sent again whose successor a journal held: the provider calls such a token reused. */
    private static void sentAgain(Finding finding, World world, long from) throws IOException {
        Journal.read(world.provider().log()).stream()
                .filter(line -> line.t() > from && line.event().equals("spend") && line.is("verdict", "reuse"))
                .forEach(line -> finding.violation("grant %s was lost: a spent token was sent again", line.text("g")));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
