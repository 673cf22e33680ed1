package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Faults of the database and of the way to it. */
final class DatabaseFaults {

    private DatabaseFaults() {}

    static List<Finding> kill(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S4", "the postmaster is killed");
        Tally deaths = finding.tally("deaths of PostgreSQL", 1);
        RunClock clock = run.clock();
        while (clock.runs()) {
            clock.sleep(run.full() ? 20_000 : 4_000);
            away(world, "all");
            world.postgres().kill();
            world.postgres().start();
            back(world);
            deaths.add();
        }
        return List.of(finding);
    }

    static List<Finding> pause(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S5", "PostgreSQL stands still");
        Tally pauses = finding.tally("pauses of PostgreSQL", 1);
        RunClock clock = run.clock();
        while (clock.runs()) {
            clock.sleep(3_000);
            away(world, "all");
            world.postgres().pause();
            Thread.sleep(run.random().nextInt(3_000, run.full() ? 15_000 : 7_000));
            world.postgres().resume();
            back(world);
            pauses.add();
        }
        return List.of(finding);
    }

    static List<Finding> cutCommits(World world, Scenario.Run run) throws Exception {
        Effect effect = new Effect(world);
        for (int i = 0; i < world.replicas().size(); i++) {
            // only what carries a sealed token to the database: the statement that stores an answer
            world.databaseProxy(i).trigger("gAAAAA").probability(0.1).bytes(40).mode(TcpFaultProxy.Mode.CUT_IN_ANSWER);
        }
        TimeUnit.SECONDS.sleep(run.seconds());
        effect.awaitCut("pg", "in_answer");
        world.pass();
        Finding finding = new Finding("S7", "answers to commits are lost");
        finding.tally("answers of the database that were cut", 1).add(effect.cuts("pg", "in_answer"));
        return List.of(finding);
    }

    static List<Finding> partition(World world, Scenario.Run run) throws Exception {
        Effect effect = new Effect(world);
        away(world, world.replica(0).name());
        world.databaseProxy(0).mode(TcpFaultProxy.Mode.PARTITION);
        TimeUnit.SECONDS.sleep(Math.min(30, run.seconds()));
        world.databaseProxy(0).mode(TcpFaultProxy.Mode.PASS);
        back(world);
        TimeUnit.MILLISECONDS.sleep(200); // what was swallowed is reset now
        Finding finding = new Finding("S8", "a replica loses the database");
        finding.tally("connections to the database that fell silent", 1).add(effect.cuts("pg", "partition"));
        return List.of(finding);
    }

    static List<Finding> deafen(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S11", "replicas lose the connection on which they hear of changes");
        Tally ended = finding.tally("ended connections", 1);
        RunClock clock = run.clock();
        for (int i = 0; clock.runs(); i++) {
            clock.sleep(2_000);
            ended.add(world.postgres()
                    .rows(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'nexus'"
                                    + " AND application_name <> 'test' AND (query ILIKE 'LISTEN%' OR query ILIKE '%pg_current_wal_flush_lsn%')")
                    .size());
            if (i == 2) {
                away(world, "all");
                for (int each = 0; each < world.replicas().size(); each++) {
                    world.databaseProxy(each).mode(TcpFaultProxy.Mode.HALF_CLOSE);
                    world.databaseProxy(each).mode(TcpFaultProxy.Mode.PASS);
                }
                clock.sleep(3_000);
                back(world);
            }
        }
        return List.of(finding);
    }

    /** A failover to a replica that lagged: the newest commits are gone. */
    static List<Finding> olderCopy(World world, Scenario.Run run) throws Exception {
        Path copy = world.plan().directory().resolve("copy-" + System.nanoTime());
        world.events().add("copying");
        world.postgres().copyTo(copy);
        Effect effect = new Effect(world);
        TimeUnit.SECONDS.sleep(run.full() ? 300 : Math.max(5, run.seconds()));
        Finding finding = new Finding("S20", "the newest commits are gone");
        finding.tally("tokens that were rotated after the copy", 5)
                .add(effect.provider(line -> line.event().equals("spend") && line.is("verdict", "rotated")));
        away(world, "all");
        world.events().add("restoring");
        world.postgres().restore(copy);
        back(world);
        TimeUnit.SECONDS.sleep(run.full() ? 60 : 10);
        return List.of(finding);
    }

    private static void away(World world, String replica) {
        world.events().add("database_away", "rep", replica);
    }

    private static void back(World world) {
        world.events().add("database_back");
    }
}
