package io.nexus.oauth.bench;

import static io.nexus.oauth.bench.RefreshBenchmark.print;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.sql.Connection;
import java.util.List;

/** What the schedule costs with a thousand stored credentials and with many, by the plans that the database really followed. */
final class SchedulerBenchmark {

    private static final int FEW = 1000;
    private static final int DUE = 100;

    /** Marks of the statements that find the providers with due credentials, claim what is due, and count the backlog. */
    static final String DUE_PROVIDERS = "AS oldest";

    private static final String CLAIM = "SKIP LOCKED";

    static final String GAUGE = "AS counted) AS overdue";

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
        Figures look = figures(idle, DUE_PROVIDERS);
        Figures gauge = figures(idle, GAUGE);
        print(
                "%-11d %-22s %-22s %-30s %-24s %d MB%n",
                to,
                look,
                gauge,
                busy.size() + " claims, " + figures(busy),
                "%.2f, database %.2f".formatted(service, database),
                Processes.rss(this.service.process()));
        return new Cost(look.buffers, gauge.buffers, service, database);
    }

    /** The figures of the statements that contain {@code mark}. */
    static Figures figures(List<BenchPostgres.Explained> plans, String mark) {
        return figures(plans.stream().filter(plan -> plan.contains(mark)).toList());
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
    record Figures(double millis, long buffers) {
        @Override
        public String toString() {
            return "%.2f ms, %d buffers".formatted(millis, buffers);
        }
    }
}
