package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many at once: callers of one credential, credentials of one provider, callers who hang up. */
final class Herds {

    private static final int CALLERS = 1000;
    private static final int TRIES = 20;

    private Herds() {}

    /** One provider call, however many wait for it and however slow it is. */
    static List<Finding> oneCredential(World world, Scenario.Run run) throws Exception {
        int repetitions = run.full() ? 100 : 3;
        Finding finding = new Finding("S16", CALLERS + " callers of an expired token are one request");
        Tally herds = finding.tally("herds", repetitions + 1);
        world.lives(300, 600); // a token that ends before it arrives is of no use to anybody
        once(world, finding, run.full() ? 30_000 : 6_000);
        herds.add();
        for (int i = 0; i < repetitions; i++) {
            once(world, finding, 500);
            herds.add();
        }
        world.livesAsPlanned();
        return List.of(finding);
    }

    private static void once(World world, Finding finding, int latency) throws Exception {
        world.provider().set("latency", latency);
        Account account = world.accounts().expired("strict");
        long before = requests(world, account);
        List<Future<Long>> callers = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger turnedAway = new AtomicInteger();
        int failed = 0;
        long[] took = new long[CALLERS];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                Replica replica = world.replica(i);
                callers.add(threads.submit(() -> {
                    start.await();
                    long began = System.nanoTime();
                    try (Http http = new Http()) {
                        int status = 503;
                        for (int tries = 0; status == 503 && tries < TRIES; tries++) {
                            turnedAway.addAndGet(tries > 0 ? 1 : 0);
                            Thread.sleep(tries > 0 ? ThreadLocalRandom.current().nextInt(500, 1500) : 0);
                            status = world.driver().ask(http, replica, account, 60);
                        }
                        return status == 200 ? (System.nanoTime() - began) / 1_000_000 : -status;
                    }
                }));
            }
            start.countDown();
            for (int i = 0; i < CALLERS; i++) {
                took[i] = callers.get(i).get(90, TimeUnit.SECONDS);
                failed += took[i] < 0 || took[i] == 0 ? 1 : 0;
            }
        }
        Arrays.sort(took);
        long calls = requests(world, account) - before;
        finding.note(
                "provider %d ms: %d request, callers p50 %d ms, p99 %d ms, %d times told to come back",
                latency, calls, took[CALLERS / 2], took[CALLERS * 99 / 100], turnedAway.get());
        if (calls != 1) {
            finding.violation("%d requests", calls);
        }
        if (failed > 0) {
            finding.violation("%d of %d callers got no token", failed, CALLERS);
        }
    }

    private static long requests(World world, Account account) throws Exception {
        return Journal.read(world.provider().log()).stream()
                .filter(line -> line.event().equals("request") && line.is("g", account.grant))
                .count();
    }

    /** After an outage everything is due: it is worked off within a minute, at a rate that the provider can bear. */
    static List<Finding> backlog(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S17", "a backlog is worked off within a minute");
        int count = run.full() ? 10_000 : 600;
        world.lives(1800, 3600); // else those who are connected first are due before the last
        List<Account> added =
                world.accounts().connect(count - world.accounts().size(), List.of("strict", "graceful", "steady"));
        for (int i = 0; i < world.replicas().size(); i++) {
            world.providerProxy(i).mode(TcpFaultProxy.Mode.REFUSE_NEW);
        }
        world.postgres()
                .execute(
                        "UPDATE oauth_credentials SET next_refresh_at = clock_timestamp() - random() * interval '60 seconds',"
                                + " expires_at = clock_timestamp() - random() * interval '60 seconds' WHERE status = 'active'");
        TimeUnit.SECONDS.sleep(run.full() ? 600 : 6);
        long from = Journal.micros();
        for (int i = 0; i < world.replicas().size(); i++) {
            world.providerProxy(i).mode(TcpFaultProxy.Mode.PASS);
        }
        long began = System.nanoTime();
        int left = expired(world);
        finding.tally("credentials that are due when the outage ends", count / 2)
                .add(left);
        while (left > 0 && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(120)) {
            Thread.sleep(250);
            left = expired(world);
        }
        long took = (System.nanoTime() - began) / 1_000_000;
        finding.note(
                "%d credentials in %d ms, %d left, %d in flight at most", count, took, left, inFlight(world, from));
        if (left > 0 || took > 60_000) {
            finding.violation("%d of %d are left after %d ms", left, count, took);
        }
        world.accounts().forget(added);
        world.livesAsPlanned();
        return List.of(finding);
    }

    private static int expired(World world) throws Exception {
        return Integer.parseInt(world.postgres()
                .value("SELECT count(*) FROM oauth_credentials WHERE status = 'active'"
                        + " AND expires_at < clock_timestamp() AND unresolved = 0 AND last_refreshed_at IS NULL"));
    }

    private static int inFlight(World world, long from) throws Exception {
        int now = 0;
        int most = 0;
        for (Journal.Line line : Journal.read(world.provider().log())) {
            if (line.t() > from) {
                now += line.event().equals("request") ? 1 : line.event().equals("end") ? -1 : 0;
                most = Math.max(most, now);
            }
        }
        return most;
    }

    /** Callers who leave before they have an answer; afterwards everything still works. */
    static List<Finding> hangUps(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S18", "callers who hang up leave the service whole");
        Tally abandoned = finding.tally("requests whose caller hung up", 100);
        Tally answers =
                finding.tally("answers afterwards", 10L * world.replicas().size());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(run.seconds());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; System.nanoTime() < end; i++) {
                Replica replica = world.replica(i);
                Account account = world.accounts()
                        .get(ThreadLocalRandom.current()
                                .nextInt(world.accounts().size()));
                threads.execute(() -> abandoned.addIf(Http.abandon(
                        replica.port(),
                        "/api/v1/token?provider=" + account.provider + "&user=" + account.user,
                        account.key,
                        ThreadLocalRandom.current().nextInt(50))));
                Thread.sleep(2);
            }
        }
        for (Replica replica : world.replicas()) {
            int good = 0;
            try (Http http = new Http()) {
                for (int i = 0; i < 10; i++) {
                    int status =
                            world.driver().ask(http, replica, world.accounts().get(i), 5);
                    answers.add();
                    good += status > 0 ? 1 : 0;
                }
            }
            if (good < 10) {
                finding.violation("%s answered %d of 10 requests afterwards", replica.name(), good);
            }
        }
        return List.of(finding);
    }
}
