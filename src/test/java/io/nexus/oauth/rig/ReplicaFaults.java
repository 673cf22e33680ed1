package io.nexus.oauth.rig;

import io.nexus.oauth.testing.RotatingGrant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Faults of the service's processes and of their disks. */
final class ReplicaFaults {

    static final Duration STOPPING = Duration.ofSeconds(75);

    private ReplicaFaults() {}

    static List<Finding> kill(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S3", "replicas are killed");
        Tally deaths = finding.tally("killed replicas", 1);
        RunClock clock = run.clock();
        for (int i = 0; clock.runs(); i++) {
            Replica victim = world.replica(i);
            victim.kill();
            victim.start();
            deaths.add();
            clock.sleep(run.full() ? 10_000 : 2_000);
        }
        return List.of(finding);
    }

    static List<Finding> pause(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S6", "replicas stand still");
        Tally pauses = finding.tally("pauses of replicas", 1);
        RunClock clock = run.clock();
        for (int i = 0; clock.runs(); i++) {
            Replica victim = world.replica(i);
            victim.pause();
            // past lease and quarantine of the provider with a grace, so that another one takes over
            Thread.sleep(run.full() ? run.random().nextInt(5_000, 90_000) : 14_000);
            victim.resume();
            pauses.add();
            clock.sleep(4_000);
        }
        return List.of(finding);
    }

    static List<Finding> killPoints(World world, Scenario.Run run) throws Exception {
        return List.of(KillPoints.run(world, run.full() ? run.seconds() : 0, 1));
    }

    static List<Finding> killPoint(World world, Scenario.Run run) throws Exception {
        int replica = run.random().nextInt(world.replicas().size());
        int point = run.random().nextInt(KillPoints.POINTS.size());
        Finding finding = new Finding("S10", "a replica dies at a point of the refresh");
        finding.tally("attempts that crashed at the point", 1)
                .add(KillPoints.once(world, world.replica(replica), KillPoints.POINTS.get(point)));
        return List.of(finding);
    }

    static List<Finding> rollingRestart(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S13", "a replica ends by itself in time after SIGTERM");
        Tally restarts = finding.tally("restarts", world.replicas().size());
        RunClock clock = run.clock();
        for (int i = 0; i < world.replicas().size() || clock.runs(); i++) {
            Replica each = world.replica(i);
            restarts.add();
            if (!each.terminate(STOPPING)) {
                finding.violation("%s was still there after %d s", each.name(), STOPPING.toSeconds());
            }
            each.start();
            clock.sleep(2_000);
        }
        return List.of(finding);
    }

    /** One replica cannot write its journal: it leaves the providers that rotate to the other. */
    static List<Finding> noJournalDisk(World world, Scenario.Run run) throws Exception {
        Replica victim = world.replica(0);
        Path file = Files.writeString(victim.home().resolve("no-directory-" + System.nanoTime()), "");
        Map<String, String> before = victim.settings();
        victim.set("nexus.oauth.journal.directory", file.resolve("journal").toString());
        victim.terminate(STOPPING);
        victim.start();
        Effect effect = new Effect(world);
        TimeUnit.SECONDS.sleep(run.seconds());
        Finding finding = new Finding("S19", "without a journal a replica asks no provider that rotates, and says so");
        Tally asked = finding.tally("requests to providers that rotate", 5);
        Tally ready = finding.tally("readiness probes", 1);
        ready.add();
        if (victim.management("/q/health/ready").status() == 200) {
            finding.violation("%s says that it is ready", victim.name());
        }
        asked.add(effect.provider(ReplicaFaults::rotates));
        long wrong = effect.provider(line -> rotates(line) && line.is("rep", victim.name()));
        if (wrong > 0) {
            finding.violation("%s asked %d times", victim.name(), wrong);
        }
        victim.set("nexus.oauth.journal.directory", before.get("nexus.oauth.journal.directory"));
        victim.terminate(STOPPING);
        victim.start();
        return List.of(finding);
    }

    static boolean rotates(Journal.Line line) {
        return line.event().equals("request")
                && RotatingGrant.RULES.get(line.text("p")).rotates();
    }

    /** A replica that stores what it got when others have gone on long since: the epoch keeps the old from the new. */
    static List<Finding> lateStores(World world, Scenario.Run run) throws Exception {
        Replica victim = world.replica(0);
        victim.terminate(STOPPING);
        List<Rule> rules = new ArrayList<>(victim.rules());
        rules.add(Rule.LATE_STORE);
        long since = Journal.micros();
        victim.rules(rules, 1, 0).start();
        TimeUnit.SECONDS.sleep(Math.max(25, run.seconds()));
        rules.remove(Rule.LATE_STORE);
        victim.terminate(STOPPING);
        victim.rules(rules, 1, 0).start();
        Finding finding = new Finding("ZOMBIE", "answers are stored long after their lease");
        finding.tally("processes in which that happened", 1)
                .add(Journal.read(victim.parked()).stream()
                        .filter(line -> line.t() >= since && line.is("rule", Rule.LATE_STORE.name()))
                        .count());
        return List.of(finding);
    }
}
