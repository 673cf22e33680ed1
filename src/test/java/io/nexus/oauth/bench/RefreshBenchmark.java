package io.nexus.oauth.bench;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * How many refreshes a second the packaged service does with all that makes them safe: rotation, the journal's force, the commit and
 * the audit trail; asked for by callers, and by the schedule out of a backlog. Beside them, in the same run, what the provider
 * answers a trivial client that asks the same way, and what the database commits. Provider, database, callers and service share the
 * machine.
 *
 * <p>Then what the schedule costs as credentials become many ({@link SchedulerBenchmark}). Fails when a refresh token is used twice,
 * a refresh is missing in the trail, or another token is stored than the provider gave last.
 */
public final class RefreshBenchmark implements AutoCloseable {

    private static final int CALLERS = 64;
    private static final int CONCURRENCY = 64;
    private static final int DELAY = 50;

    /** Of the service: 16 for everything and 3 for answers. */
    private static final int SESSIONS = 19;

    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final long PATIENCE_SECONDS = 600;

    private final int seconds;
    private final int credentials;
    private final Path home;
    private final BenchPostgres postgres;
    private final BenchProvider provider;
    private final BenchService service;
    private final List<String> summary = new ArrayList<>();
    private boolean succeeded;

    private RefreshBenchmark(Path jar, int seconds, int credentials) throws Exception {
        this.seconds = seconds;
        this.credentials = credentials;
        home = Files.createTempDirectory("nexus-bench");
        postgres = new BenchPostgres(home);
        provider = new BenchProvider();
        service = new BenchService(jar, home, postgres, provider.port(), CONCURRENCY);
    }

    /**
     * Runs it.
     *
     * @param stored how many credentials are many
     */
    static void run(Path jar, int seconds, int credentials, int stored, boolean refreshes, boolean schedule)
            throws Exception {
        try (RefreshBenchmark benchmark = new RefreshBenchmark(jar, seconds, credentials)) {
            print("%nRSS of the service, idle: %d MB%n", Processes.rss(benchmark.service.process()));
            try {
                if (refreshes) {
                    benchmark.refreshes();
                }
                if (schedule) {
                    new SchedulerBenchmark(benchmark.postgres, benchmark.service, seconds).run(stored);
                }
                benchmark.succeeded = true;
            } finally {
                benchmark.service.complain();
                if (!benchmark.succeeded) {
                    benchmark.service.metrics().forEach(System.out::println);
                }
            }
        }
    }

    private void refreshes() throws Exception {
        print("%nwarming up%n");
        onDemand("warm", Math.min(credentials, 4000), 0, false);
        bySchedule("warmdue", Math.min(credentials, 2000), false);

        for (int delay : new int[] {0, DELAY}) {
            double answers = answers(delay);
            double commits = commits();
            print(
                    "%nceilings: provider alone %.0f answers/s (%d at once, %d ms), database alone %.0f UPDATE+commit/s"
                            + " (%d sessions)%n",
                    answers, CALLERS, delay, commits, SESSIONS);
            ratios(onDemand("demand" + delay, credentials, delay, true), answers, commits);
            if (delay == DELAY) {
                ratios(bySchedule("due", credentials, true), answers, commits);
            }
        }
        print("%nrefreshes with rotation, journal, commit and audit, %d cores for everything:%n", CORES);
        summary.forEach(System.out::println);
    }

    private void ratios(Turn turn, double answers, double commits) {
        String line = String.format(
                Locale.ROOT,
                "  %-36s %5.0f/s = %4.0f/s per core, %.2f of the provider's answers, %.2f of the database's commits",
                turn.name,
                turn.perSecond,
                turn.perSecond / CORES,
                turn.perSecond / answers,
                turn.perSecond / commits);
        System.out.println(line);
        summary.add(line);
    }

    /** What the provider does when nothing else is to be done. */
    private double answers(int delay) throws Exception {
        provider.turn(delay);
        String lot = "alone" + System.nanoTime();
        double perSecond = Load.run(
                        CALLERS, Integer.MAX_VALUE, seconds, caller -> index -> provider.refresh(lot, index))
                .perSecond();
        provider.turn(0);
        return perSecond;
    }

    /** What the database does when nothing else is to be done: one row, one commit. */
    private double commits() throws Exception {
        try (Connection connection = postgres.connect()) {
            BenchPostgres.run(connection, "CREATE TABLE IF NOT EXISTS bench (id int PRIMARY KEY, n int, t text)");
            BenchPostgres.run(
                    connection,
                    "INSERT INTO bench SELECT i, 0, repeat('x', 800) FROM generate_series(0, 9999) i"
                            + " ON CONFLICT DO NOTHING");
        }
        ConcurrentLinkedQueue<Connection> open = new ConcurrentLinkedQueue<>();
        try {
            return Load.run(SESSIONS, Integer.MAX_VALUE, seconds, caller -> {
                        Connection connection = postgres.connect();
                        open.add(connection);
                        PreparedStatement update =
                                connection.prepareStatement("UPDATE bench SET n = n + 1 WHERE id = ?");
                        return index -> {
                            update.setInt(1, index % 10_000);
                            update.executeUpdate();
                        };
                    })
                    .perSecond();
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
        }
    }

    /** Callers ask for tokens that have ended, each of another credential. */
    private Turn onDemand(String name, int size, int delay, boolean told) throws Exception {
        Lot lot = new Lot(name, size, service);
        try (Connection connection = postgres.connect()) {
            lot.store(connection, index -> -60_000, index -> 3_600_000);
            settle(connection, told);
            AtomicInteger again = new AtomicInteger();
            Meter meter = new Meter(delay);
            long began = System.currentTimeMillis();
            Load.Result result = Load.run(CALLERS, size, PATIENCE_SECONDS, caller -> {
                HttpConnection http = new HttpConnection(service.port());
                return index -> {
                    byte[] request = HttpConnection.request(
                            "GET",
                            "/api/v1/credentials/" + lot.id(index) + "/token",
                            service.apiKey(),
                            "text/plain",
                            "");
                    for (int status = http.exchange(request); status != 200; status = http.exchange(request)) {
                        if (status != 503) {
                            throw new IllegalStateException("an answer was " + status + ": " + http.body());
                        }
                        again.incrementAndGet();
                        SECONDS.sleep(1); // as it is told to
                    }
                };
            });
            lot.awaitRefreshed(connection, PATIENCE_SECONDS); // a caller may have the token before the database has
            BenchProvider.Told seen = meter.stop(told, size, "on demand, provider " + delay + " ms");
            if (told) {
                print(
                        "  latency p50 %.0f ms, p99 %.0f ms (%d callers), %d answers were 503; at the provider %d at once at most%n",
                        result.millisAt(0.5), result.millisAt(0.99), CALLERS, again.get(), seen.most());
            }
            lot.check(connection);
            double lasted = (lot.lastMillis(connection) - began) / 1e3;
            return new Turn("on demand, provider " + delay + " ms", size / lasted);
        }
    }

    /** All of it is due at once, as after an outage. The token of index 0 ends first. */
    private Turn bySchedule(String name, int size, boolean told) throws Exception {
        Lot lot = new Lot(name, size, service);
        Random random = new Random(11);
        long[] due = IntStream.range(0, size)
                .mapToLong(index -> expires(index, size) - 555_000 + random.nextLong(-55_000, 55_000))
                .toArray(); // as far ahead of the end as the service plans for a token of an hour, a tenth more or less
        try (Connection connection = postgres.connect()) {
            settle(connection, told);
            Meter meter = new Meter(DELAY);
            lot.store(connection, index -> expires(index, size), index -> due[index]);
            lot.awaitRefreshed(connection, PATIENCE_SECONDS);
            BenchProvider.Told seen = meter.stop(told, size, "by schedule, provider " + DELAY + " ms");
            lot.check(connection);
            double lasted = (lot.lastMillis(connection) - seen.firstMillis()) / 1e3;
            if (told) {
                print("  drained %d in %.1f s; at the provider %d at once at most%n", size, lasted, seen.most());
                displacement(seen.order(), size);
            }
            return new Turn("by schedule, provider " + DELAY + " ms", size / lasted);
        }
    }

    private static long expires(int index, int size) {
        return 120_000 + index * 300_000L / size;
    }

    /** How far each was from its place in the order of the ends of the tokens. */
    private static void displacement(List<Integer> order, int size) {
        int[] off = IntStream.range(0, size)
                .map(place -> Math.abs(order.get(place) - place))
                .sorted()
                .toArray();
        print(
                "  order: p50 %d, p99 %d places away from the order in which the tokens end, of %d%n",
                off[size / 2], off[size * 99 / 100], size);
    }

    /** Nobody pays for what a turn before left to do. */
    private void settle(Connection connection, boolean told) throws Exception {
        if (told) {
            BenchPostgres.run(connection, "VACUUM ANALYZE oauth_credentials");
            BenchPostgres.run(connection, "CHECKPOINT");
            MILLISECONDS.sleep(BenchPostgres.COUNTED_MILLIS);
        }
    }

    static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    @Override
    public void close() throws Exception {
        try (postgres;
                provider) {
            service.close();
        }
        if (succeeded) {
            Processes.delete(home);
        } else {
            print("the files of this run are kept in %s%n", home);
        }
    }

    private record Turn(String name, double perSecond) {}

    /** What a turn costs. */
    private final class Meter {
        private final BenchPostgres.Counts counts;
        private final double[] cpu;

        Meter(int delay) throws Exception {
            provider.turn(delay);
            postgres.forgetStatements();
            counts = postgres.counts();
            cpu = cpu();
        }

        private double[] cpu() throws IOException {
            return new double[] {
                Processes.cpu(service.process()), Processes.cpu(postgres.process()), Processes.cpu(provider.process()),
            };
        }

        BenchProvider.Told stop(boolean told, int size, String name) throws Exception {
            double[] now = cpu();
            BenchProvider.Told seen = provider.turn(0);
            if (told) {
                print("%n%s: %d refreshes, %d requests to the provider, none reused%n", name, size, seen.count());
                print(
                        "  processor time per refresh: service %.2f ms, database %.2f ms, provider %.2f ms%n",
                        (now[0] - cpu[0]) / size * 1e3, (now[1] - cpu[1]) / size * 1e3, (now[2] - cpu[2]) / size * 1e3);
                postgres.statements(size).forEach(line -> print("  %s%n", line));
                long rss = Processes.rss(service.process());
                long wal = postgres.counts().since(counts).walBytes();
                MILLISECONDS.sleep(BenchPostgres.COUNTED_MILLIS);
                BenchPostgres.Counts spent = postgres.counts().since(counts);
                print(
                        "  per refresh: %.2f commits, %.0f bytes of WAL, %.2f forces of the WAL; RSS of the service %d MB%n",
                        spent.commits() / (double) size, wal / (double) size, spent.fsyncs() / (double) size, rss);
            }
            return seen;
        }
    }
}
