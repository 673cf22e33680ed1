package io.nexus.oauth.bench;

import static io.nexus.oauth.bench.RefreshBenchmark.print;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

/**
 * What row-level security costs a read that takes a statement: two services on one database, with and without it, in turns. What takes
 * no statement, as a warm token, costs the same by its nature.
 */
final class IsolationBenchmark {

    private static final String ROLE = "nexus_bench_tenant";
    private static final int CALLERS = 16;
    private static final int CREDENTIALS = 1000;
    private static final int TURNS = 4;

    private IsolationBenchmark() {}

    /** Runs it. */
    static void run(Path jar, int seconds) throws Exception {
        Path home = Files.createTempDirectory("nexus-bench");
        try (BenchPostgres postgres = new BenchPostgres(home);
                BenchService without = service(jar, home, postgres, "without");
                Connection connection = postgres.connect()) {
            BenchPostgres.run(connection, "CREATE ROLE " + ROLE + " NOLOGIN");
            BenchPostgres.rows(connection, "SELECT enable_row_level_security('" + ROLE + "')::text");
            try (BenchService with =
                    service(jar, home, postgres, "with", "-Dnexus.oauth.database.tenant-role=" + ROLE)) {
                Lot lot = new Lot("isolated", CREDENTIALS, without);
                lot.store(connection, index -> 3_600_000, index -> 3_000_000);
                compare(postgres, lot, without, with, seconds);
            }
        } finally {
            Processes.delete(home);
        }
    }

    private static BenchService service(Path jar, Path home, BenchPostgres postgres, String name, String... settings)
            throws Exception {
        return new BenchService(jar, Files.createDirectory(home.resolve(name)), postgres, 1, 8, settings);
    }

    private static void compare(BenchPostgres postgres, Lot lot, BenchService without, BenchService with, int seconds)
            throws Exception {
        turn(lot, without, seconds);
        turn(lot, with, seconds);
        postgres.forgetStatements();
        print(
                "%n%-32s %12s %10s %10s %22s%n",
                CALLERS + " callers", "requests/s", "p50 ms", "p99 ms", "CPU us of the database");
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < TURNS; i++) {
            double plain = printed("a statement", postgres, lot, without, seconds);
            ratios.add(printed("with row-level security", postgres, lot, with, seconds) / plain);
        }
        print(
                "with / without: %.2f (median of %d turns)%n%n",
                ratios.stream().sorted().toList().get(TURNS / 2), TURNS);
        Thread.sleep(BenchPostgres.COUNTED_MILLIS);
        postgres.statements(1).forEach(line -> print("  %s%n", line));
    }

    private static double printed(String name, BenchPostgres postgres, Lot lot, BenchService service, int seconds)
            throws Exception {
        double cpu = Processes.cpu(postgres.process());
        Load.Result result = turn(lot, service, seconds);
        print(
                "%-32s %12.0f %10.2f %10.2f %22.0f%n",
                name,
                result.perSecond(),
                result.millisAt(0.5),
                result.millisAt(0.99),
                (Processes.cpu(postgres.process()) - cpu) * 1e6 / result.nanos().length);
        return result.perSecond();
    }

    /** Never the same credential twice at a time, as equal questions share a statement. */
    private static Load.Result turn(Lot lot, BenchService service, int seconds) throws Exception {
        return Load.run(CALLERS, Integer.MAX_VALUE, seconds, caller -> {
            HttpConnection http = new HttpConnection(service.port());
            return index -> {
                int status = http.exchange(HttpConnection.request(
                        "GET",
                        "/api/v1/credentials/" + lot.id(index % CREDENTIALS),
                        service.apiKey(),
                        "application/json",
                        ""));
                if (status != 200) {
                    throw new IllegalStateException("an answer was " + status + ": " + http.body());
                }
            };
        });
    }
}
