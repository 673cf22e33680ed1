package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The faults of the scenarios, one method each. */
final class Faults {

    /** The timers of the rig's providers are about a tenth of what they are at the most cautious ones, and so are delays. */
    private static final double DELAY_SCALE = 0.09;

    private static final Path FAKETIME = Path.of("/usr/bin/faketime");
    private static final List<Finding> NONE = List.of();

    private Faults() {}

    private static final class Clock {
        private final long end;

        Clock(Scenario.Run run) {
            end = System.nanoTime() + TimeUnit.SECONDS.toNanos(run.seconds());
        }

        boolean runs() {
            return System.nanoTime() < end;
        }

        /** Sleeps, but not over the end. */
        void sleep(long ms) throws InterruptedException {
            Thread.sleep(Math.max(0, Math.min(ms, (end - System.nanoTime()) / 1_000_000)));
        }
    }

    static List<Finding> nothing(World world, Scenario.Run run) throws Exception {
        TimeUnit.SECONDS.sleep(run.seconds());
        return NONE;
    }

    static List<Finding> dice(World world, Scenario.Run run) throws Exception {
        world.provider().set("dice", true, "scale", DELAY_SCALE);
        TimeUnit.SECONDS.sleep(run.seconds());
        world.provider().window("invalid_client", run.full() ? 20_000 : 2_000);
        TimeUnit.SECONDS.sleep(run.seconds());
        return NONE;
    }

    static List<Finding> killReplicas(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        for (int i = 0; clock.runs(); i++) {
            Replica victim = world.replica(i);
            victim.kill();
            victim.start();
            clock.sleep(run.full() ? 10_000 : 2_000);
        }
        return NONE;
    }

    static List<Finding> killPostgres(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        while (clock.runs()) {
            clock.sleep(run.full() ? 20_000 : 4_000);
            away(world, "all");
            world.postgres().kill();
            world.postgres().start();
            back(world);
        }
        return NONE;
    }

    static List<Finding> pausePostgres(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        while (clock.runs()) {
            clock.sleep(3_000);
            away(world, "all");
            world.postgres().pause();
            Thread.sleep(run.random().nextInt(3_000, run.full() ? 15_000 : 7_000));
            world.postgres().resume();
            back(world);
        }
        return NONE;
    }

    static List<Finding> pauseReplicas(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        for (int i = 0; clock.runs(); i++) {
            Replica victim = world.replica(i);
            victim.pause();
            // past lease and quarantine of the provider with a grace, so that another one takes over
            Thread.sleep(run.full() ? run.random().nextInt(5_000, 90_000) : 14_000);
            victim.resume();
            clock.sleep(4_000);
        }
        return NONE;
    }

    static List<Finding> cutCommits(World world, Scenario.Run run) throws Exception {
        for (int i = 0; i < world.replicas().size(); i++) {
            // only what carries a sealed token to the database: the statement that stores an answer
            world.databaseProxy(i).trigger("gAAAAA").probability(0.1).bytes(40).mode(FaultProxy.Mode.CUT_IN_ANSWER);
        }
        TimeUnit.SECONDS.sleep(run.seconds());
        pass(world);
        return NONE;
    }

    static List<Finding> partition(World world, Scenario.Run run) throws Exception {
        away(world, world.replica(0).name());
        world.databaseProxy(0).mode(FaultProxy.Mode.BLACKHOLE);
        TimeUnit.SECONDS.sleep(Math.min(30, run.seconds()));
        world.databaseProxy(0).mode(FaultProxy.Mode.PASS);
        back(world);
        return NONE;
    }

    static List<Finding> cutAnswers(World world, Scenario.Run run) throws Exception {
        for (FaultProxy.Mode mode : List.of(FaultProxy.Mode.CUT_AFTER_REQUEST, FaultProxy.Mode.CUT_IN_ANSWER)) {
            for (int i = 0; i < world.replicas().size(); i++) {
                world.providerProxy(i)
                        .trigger("refresh_token=")
                        .probability(0.05)
                        .bytes(250)
                        .mode(mode);
            }
            TimeUnit.MILLISECONDS.sleep(run.seconds() * 500);
        }
        pass(world);
        return NONE;
    }

    static List<Finding> killPoints(World world, Scenario.Run run) throws Exception {
        KillPoints.run(world, run.full() ? run.seconds() : 0, 1);
        return List.of(KillPoints.report(world));
    }

    private static List<Finding> killPoint(World world, Scenario.Run run) throws Exception {
        int replica = run.random().nextInt(world.replicas().size());
        KillPoints.once(
                world,
                world.replica(replica),
                KillPoints.POINTS.get(run.random().nextInt(KillPoints.POINTS.size())));
        return NONE;
    }

    static List<Finding> deafen(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        for (int i = 0; clock.runs(); i++) {
            clock.sleep(2_000);
            world.postgres()
                    .rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'nexus'"
                            + " AND application_name <> 'rig' AND (query ILIKE 'LISTEN%' OR query = 'SELECT 1')");
            if (i == 2) {
                away(world, "all");
                for (int each = 0; each < world.replicas().size(); each++) {
                    world.databaseProxy(each).mode(FaultProxy.Mode.HALF_CLOSE);
                    world.databaseProxy(each).mode(FaultProxy.Mode.PASS);
                }
                clock.sleep(3_000);
                back(world);
            }
        }
        return NONE;
    }

    /** One replica's clock 30 s behind, then ahead, then an hour back; what is monotonic stays so. */
    static List<Finding> wrongClocks(World world, Scenario.Run run) throws Exception {
        Path library = library();
        Replica victim = world.replica(0);
        world.driver().stop();
        world.lives(50, 60);
        long phase = Math.max(6, run.seconds() / 4);
        List<Account> accounts = world.connect(40, List.of("strict", "graceful", "steady"));
        Path time = victim.home().resolve("time");
        Files.writeString(time, "-30s");
        victim.environment("LD_PRELOAD", library.toString())
                .environment("FAKETIME_TIMESTAMP_FILE", time.toString())
                .environment("FAKETIME_CACHE_DURATION", "1")
                // else each timed wait of the JVM ends at once
                .environment("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        victim.terminate(Duration.ofSeconds(75));
        victim.start();
        world.events().add("clock", "rep", victim.name(), "by", 30);
        world.driver().start(accounts, 10, 40, "&min_ttl=40"); // more than the clocks differ by
        TimeUnit.SECONDS.sleep(phase);
        Files.writeString(time, "+30s");
        TimeUnit.SECONDS.sleep(phase);
        world.events().add("clock", "rep", victim.name(), "by", 3600);
        Files.writeString(time, "-3600s");
        double before = victim.metric("nexus_oauth_refresh_total");
        TimeUnit.SECONDS.sleep(2 * phase);
        Finding finding = new Finding("S12", "the replica goes on refreshing after its clock stepped back");
        finding.checked = (long) (victim.metric("nexus_oauth_refresh_total") - before);
        if (finding.checked == 0) {
            finding.violation("it refreshed nothing in %d s", 2 * phase);
        }
        world.driver().stop();
        victim.environmentClear();
        victim.terminate(Duration.ofSeconds(75));
        victim.start();
        world.events().add("clock", "rep", victim.name(), "by", 0);
        world.forget(accounts);
        world.livesAsPlanned();
        return List.of(finding);
    }

    /** Whether {@link #wrongClocks} can be run here. */
    static boolean canFakeTime() {
        return Files.exists(FAKETIME);
    }

    private static Path library() throws IOException {
        for (String directory : List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")) {
            Path library = Path.of(directory, "faketime", "libfaketimeMT.so.1");
            if (Files.exists(library)) {
                return library;
            }
        }
        throw new IOException("libfaketimeMT.so.1 was not found");
    }

    static List<Finding> rollingRestart(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S13", "a replica ends by itself in time after SIGTERM");
        Clock clock = new Clock(run);
        for (int i = 0; i < world.replicas().size() || clock.runs(); i++) {
            Replica each = world.replica(i);
            finding.checked++;
            if (!each.terminate(Duration.ofSeconds(75))) {
                finding.violation("%s was still there after 75 s", each.name());
            }
            each.start();
            clock.sleep(2_000);
        }
        return List.of(finding);
    }

    /** Revokes and connects again while refreshes are under way. */
    static List<Finding> revocations(World world, Scenario.Run run) throws Exception {
        Clock clock = new Clock(run);
        List<Account> accounts = world.accounts();
        List<Thread> storm = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            int offset = part;
            storm.add(Thread.ofVirtual().start(() -> {
                try (Http http = new Http()) {
                    for (int i = offset; clock.runs(); i = (i + 4) % accounts.size()) {
                        Account account = accounts.get(i);
                        if (account.reconnecting.compareAndSet(false, true)) {
                            try {
                                revoked(world, http, account);
                            } finally {
                                account.reconnecting.set(false);
                            }
                        }
                        clock.sleep(100);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread one : storm) {
            one.join();
        }
        return NONE;
    }

    /** Revokes, or connects over a living grant. */
    private static void revoked(World world, Http http, Account account) throws InterruptedException {
        if (ThreadLocalRandom.current().nextInt(4) > 0) {
            while (!world.driver().revoke(http, account)) {
                Thread.sleep(200);
            }
            Thread.sleep(ThreadLocalRandom.current().nextInt(3_000));
        }
        world.driver().connect(http, account);
    }

    /** A new key becomes the first, the old one stays; the replicas are restarted for each step. */
    static List<Finding> rotateKeys(World world, Scenario.Run run) throws Exception {
        String fresh = World.key();
        world.masterKeys().put("second", fresh);
        Path file = world.plan().directory().resolve("master.key");
        // first everybody must be able to open what the new key seals
        Files.writeString(file, fresh + "\n", StandardOpenOption.APPEND);
        world.restart();
        Files.writeString(file, fresh + "\n" + world.masterKeys().get("first") + "\n");
        world.restart();
        TimeUnit.SECONDS.sleep(run.seconds());
        Finding finding = new Finding("S15", "tokens are sealed under the new key, and those under the old one open");
        List<String[]> keys = world.postgres()
                .rows("SELECT split_part(encrypted_refresh_token, '.', 1), count(*)"
                        + " FROM oauth_credentials WHERE encrypted_refresh_token IS NOT NULL GROUP BY 1");
        finding.checked = keys.stream().mapToLong(row -> Long.parseLong(row[1])).sum();
        if (keys.size() != 2) {
            finding.violation("there are tokens under %d keys, not under both", keys.size());
        }
        return List.of(finding);
    }

    /** One replica cannot write its journal: it leaves the providers that rotate to the other. */
    static List<Finding> noJournalDisk(World world, Scenario.Run run) throws Exception {
        Replica victim = world.replica(0);
        Path file = Files.writeString(victim.home().resolve("no-directory-" + System.nanoTime()), "");
        Map<String, String> before = victim.settings();
        victim.set("nexus.oauth.journal.directory", file.resolve("journal").toString());
        victim.terminate(Duration.ofSeconds(75));
        victim.start();
        long from = Journal.micros();
        TimeUnit.SECONDS.sleep(run.seconds());
        long to = Journal.micros();
        Finding finding = new Finding("S19", "without a journal a replica asks no provider that rotates, and says so");
        if (victim.management("/q/health/ready").status() == 200) {
            finding.violation("%s says that it is ready", victim.name());
        }
        for (Journal.Line line : Journal.read(world.provider().log())) {
            boolean rotates = line.event().equals("request")
                    && RigGrants.RULES.get(line.text("p")).rotates();
            if (rotates && line.t() > from && line.t() < to) {
                finding.checked++;
                if (line.is("rep", victim.name())) {
                    finding.violation("%s asked %s for %s", victim.name(), line.text("p"), line.text("g"));
                }
            }
        }
        victim.set("nexus.oauth.journal.directory", before.get("nexus.oauth.journal.directory"));
        victim.terminate(Duration.ofSeconds(75));
        victim.start();
        return List.of(finding);
    }

    /** What a failover to a replica that lagged does: the newest commits are gone. */
    static List<Finding> olderCopy(World world, Scenario.Run run) throws Exception {
        Path copy = world.plan().directory().resolve("copy-" + System.nanoTime());
        world.events().add("copying");
        world.postgres().copyTo(copy);
        TimeUnit.SECONDS.sleep(run.full() ? 300 : Math.max(5, run.seconds()));
        away(world, "all");
        world.events().add("restoring");
        world.postgres().restore(copy);
        back(world);
        TimeUnit.SECONDS.sleep(run.full() ? 60 : 10);
        return NONE;
    }

    /** Requests that overtake each other: safe only because an attempt of unknown fate keeps the next one away. */
    static List<Finding> lateRequests(World world, Scenario.Run run) throws Exception {
        world.driver().stop();
        world.lives(20, 24); // a quarter of it is the quarantine: five seconds and more
        world.driver().start(world.connect(60, List.of("strict")), 20, 40);
        for (int i = 0; i < world.replicas().size(); i++) {
            world.providerProxy(i).trigger("/strict/token").probability(0.2).mode(FaultProxy.Mode.LATE);
        }
        TimeUnit.SECONDS.sleep(Math.max(25, run.seconds()));
        pass(world);
        world.livesAsPlanned();
        Finding finding = new Finding("LATE", "requests that arrived seconds after they were given up");
        finding.checked = Journal.read(world.plan().directory().resolve("events.log")).stream()
                .filter(line -> line.is("why", "late"))
                .count();
        if (finding.checked == 0) {
            finding.violation("none was");
        }
        return List.of(finding);
    }

    /** A replica that stores what it got when others have gone on long since: the epoch keeps the old from the new. */
    static List<Finding> lateStores(World world, Scenario.Run run) throws Exception {
        Replica victim = world.replica(0);
        victim.terminate(Duration.ofSeconds(75));
        List<Rule> rules = new ArrayList<>(victim.rules());
        rules.add(Rule.LATE_STORE);
        victim.rules(rules, 1, 0).start();
        TimeUnit.SECONDS.sleep(Math.max(25, run.seconds()));
        rules.remove(Rule.LATE_STORE);
        victim.terminate(Duration.ofSeconds(75));
        victim.rules(rules, 1, 0).start();
        return NONE;
    }

    /** Every few seconds one thing or the other. */
    static List<Finding> soak(World world, Scenario.Run run) throws Exception {
        world.provider().set("dice", true, "scale", DELAY_SCALE);
        List<Scenario.Injection> all = List.of(
                Faults::killReplicas,
                Faults::killPostgres,
                Faults::pausePostgres,
                Faults::pauseReplicas,
                Faults::cutCommits,
                Faults::partition,
                Faults::cutAnswers,
                Faults::killPoint,
                Faults::deafen,
                Faults::rollingRestart,
                Faults::revocations,
                Faults::nothing,
                Herds::hangUps);
        Clock clock = new Clock(run);
        while (clock.runs()) {
            int next = run.random().nextInt(all.size());
            world.events().add("soak", "fault", next);
            all.get(next).into(world, new Scenario.Run(run.full() ? 10 : 4, false, run.random()));
            if (run.random().nextInt(20) == 0) {
                world.provider().window("invalid_client", 5_000);
            }
        }
        return NONE;
    }

    private static void pass(World world) throws IOException {
        for (int i = 0; i < world.replicas().size(); i++) {
            world.databaseProxy(i).mode(FaultProxy.Mode.PASS);
            world.providerProxy(i).mode(FaultProxy.Mode.PASS);
        }
    }

    private static void away(World world, String replica) {
        world.events().add("database_away", "rep", replica);
    }

    private static void back(World world) throws SQLException {
        world.events().add("database_back");
    }
}
