package io.nexus.oauth.bench;

import static io.nexus.oauth.bench.RefreshBenchmark.print;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What the schedule costs with a thousand stored credentials and with many, by the plans that the database really followed. */
final class SchedulerBenchmark {

    private static final int FEW = 1000;
    private static final int DUE = 100;

    private static final int[] CATALOGUES = {20, 2000};

    /** Marks of the statements that find the providers with due credentials, claim what is due, and count the backlog. */
    private static final String DUE_PROVIDERS = "AS oldest";

    private static final String CLAIM = "SKIP LOCKED";

    private static final String GAUGE = "AS counted) AS overdue";

    private final BenchPostgres postgres;
    private final BenchService service;
    private final int idleSeconds;
    private int lots;

    SchedulerBenchmark(BenchPostgres postgres, BenchService service, int seconds) {
        this.postgres = postgres;
        this.service = service;
        this.idleSeconds = 6 * seconds;
    }

    void run(int many) throws Exception {
        try (Connection connection = postgres.connect()) {
            print(
                    "%n%-11s %-22s %-22s %-30s %-24s %s%n",
                    "stored",
                    "look for due, none",
                    "backlog gauge",
                    "claim of " + DUE + " due",
                    "CPU s per idle minute",
                    "RSS");
            BenchPostgres.run(connection, "TRUNCATE oauth_credentials");
            Cost few = measure(connection, 0, FEW);
            Cost more = measure(connection, FEW, many);
            print(
                    "%d / %d stored: look for due %.1f of the buffers, gauge %.1f of the buffers, CPU of the service %.2f, of the"
                            + " database %.2f%n%n",
                    many,
                    FEW,
                    (double) more.lookBuffers / few.lookBuffers,
                    (double) more.gaugeBuffers / few.gaugeBuffers,
                    more.serviceCpu / few.serviceCpu,
                    more.databaseCpu / few.databaseCpu);
        }
    }

    /** Prints what a tick costs with a small catalogue and with a big one, and how far apart their providers are served. */
    static void printCatalogues(Path jar, int seconds) throws Exception {
        print(
                "%n%-10s %-24s %-24s %-26s %-32s %s%n",
                "providers",
                "look for due, none",
                "backlog gauge",
                "CPU s per idle minute",
                "one due at each: all refreshed",
                "RSS");
        for (int providers : CATALOGUES) {
            Path home = Files.createTempDirectory("nexus-bench-catalogue");
            try (BenchPostgres postgres = new BenchPostgres(home);
                    BenchProvider provider = new BenchProvider();
                    BenchService service = new BenchService(providers, jar, home, postgres, provider.port(), 64);
                    Connection connection = postgres.connect()) {
                new SchedulerBenchmark(postgres, service, seconds).printCatalogue(connection, providers);
                service.complain();
            }
        }
    }

    private void printCatalogue(Connection connection, int providers) throws Exception {
        Lot lot = new Lot("catalogue", providers, service);
        lot.store(connection, index -> 7_200_000, index -> 3_600_000);
        BenchPostgres.run(connection, """
                UPDATE oauth_credentials c SET provider = c.provider || '-' || n.number
                FROM (SELECT credential_id, row_number() OVER () AS number FROM oauth_credentials) n
                WHERE n.credential_id = c.credential_id""");
        BenchPostgres.run(connection, "VACUUM ANALYZE oauth_credentials");
        SECONDS.sleep(5);
        double serviceCpu = Processes.cpu(service.process());
        double databaseCpu = Processes.cpu(postgres.process());
        SECONDS.sleep(idleSeconds);
        serviceCpu = (Processes.cpu(service.process()) - serviceCpu) * 60 / idleSeconds;
        databaseCpu = (Processes.cpu(postgres.process()) - databaseCpu) * 60 / idleSeconds;
        long mark = postgres.beginPlans();
        SECONDS.sleep(17); // three ticks
        List<BenchPostgres.Explained> idle = postgres.endPlans(mark);

        BenchPostgres.run(connection, "UPDATE oauth_credentials SET next_refresh_at = clock_timestamp()");
        for (int i = 0; i < 600 && refreshed(connection) < providers; i++) {
            MILLISECONDS.sleep(100);
        }
        if (refreshed(connection) < providers) {
            throw new IllegalStateException("only " + refreshed(connection) + " of " + providers + " were refreshed");
        }
        print(
                "%-10d %-24s %-24s %-26s %-32s %d MB%n",
                providers,
                figures(idle.stream()
                                .filter(plan -> plan.contains(DUE_PROVIDERS))
                                .toList())
                        .text(),
                figures(idle.stream().filter(plan -> plan.contains(GAUGE)).toList())
                        .text(),
                "%.2f, database %.2f".formatted(serviceCpu, databaseCpu),
                BenchPostgres.number(connection, """
                        SELECT (EXTRACT(EPOCH FROM max(last_refreshed_at) - min(last_refreshed_at)) * 1000)::bigint
                        FROM oauth_credentials""") + " ms from first to last",
                Processes.rss(service.process()));
    }

    private static long refreshed(Connection connection) throws SQLException {
        return BenchPostgres.number(connection, "SELECT count(*) FROM oauth_credentials WHERE token_version = 2");
    }

    private record Cost(long lookBuffers, long gaugeBuffers, double serviceCpu, double databaseCpu) {}

    private Cost measure(Connection connection, int from, int to) throws Exception {
        BenchPostgres.run(connection, """
                INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email, encrypted_access_token,
                  encrypted_refresh_token, client_id, expires_at, issued_at, next_refresh_at)
                SELECT gen_random_uuid(), 'tenant' || i %% 100, '%s', 'stored-' || i, repeat('a', 120), repeat('r', 120),
                  '%s', now() + interval '1 day' + i * interval '1 millisecond', now(),
                  now() + interval '1 day' + (i - 555000) * interval '1 millisecond'
                FROM generate_series(%d, %d) i""".formatted(BenchService.PROVIDER, BenchService.CLIENT, from, to - 1));
        BenchPostgres.run(connection, "VACUUM ANALYZE oauth_credentials");
        BenchPostgres.run(connection, "CHECKPOINT");
        SECONDS.sleep(5);

        double service = Processes.cpu(this.service.process());
        double database = Processes.cpu(postgres.process());
        SECONDS.sleep(idleSeconds);
        service = (Processes.cpu(this.service.process()) - service) * 60 / idleSeconds;
        database = (Processes.cpu(postgres.process()) - database) * 60 / idleSeconds;

        long mark = postgres.beginPlans();
        SECONDS.sleep(17); // three ticks
        List<BenchPostgres.Explained> idle = postgres.endPlans(mark);
        mark = postgres.beginPlans();
        Lot lot = new Lot("hundred" + lots++, DUE, this.service);
        lot.store(connection, index -> 120_000 + index, index -> -1000);
        lot.awaitRefreshed(connection, 120);
        List<BenchPostgres.Explained> busy = postgres.endPlans(mark).stream()
                .filter(plan -> plan.contains(CLAIM) && plan.rows() > 0)
                .toList();
        Figures look = figures(
                idle.stream().filter(plan -> plan.contains(DUE_PROVIDERS)).toList());
        Figures gauge =
                figures(idle.stream().filter(plan -> plan.contains(GAUGE)).toList());
        print(
                "%-11d %-22s %-22s %-30s %-24s %d MB%n",
                to,
                look.text(),
                gauge.text(),
                busy.size() + " claims, " + figures(busy).text(),
                "%.2f, database %.2f".formatted(service, database),
                Processes.rss(this.service.process()));
        return new Cost(look.buffers, gauge.buffers, service, database);
    }

    private static Figures figures(List<BenchPostgres.Explained> plans) {
        if (plans.isEmpty()) {
            throw new IllegalStateException("the statement was not seen: has its text changed?");
        }
        return new Figures(
                plans.stream()
                        .mapToDouble(BenchPostgres.Explained::millis)
                        .sorted()
                        .toArray()[plans.size() / 2],
                plans.stream().mapToLong(BenchPostgres.Explained::buffers).max().orElseThrow());
    }

    /** The median time and the most buffers. */
    private record Figures(double millis, long buffers) {
        String text() {
            return "%.2f ms, %d buffers".formatted(millis, buffers);
        }
    }
}
