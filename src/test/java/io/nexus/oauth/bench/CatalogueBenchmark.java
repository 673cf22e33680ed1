package io.nexus.oauth.bench;

import static io.nexus.oauth.bench.RefreshBenchmark.print;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The cost of a tick with few and with many providers and tenants, and how far apart they are served when one credential of each is due
 * at once: first by a process that just started, then by a warm one. A caller reads a warm token meanwhile.
 */
final class CatalogueBenchmark {

    /** Providers x tenants. */
    private static final List<Size> SIZES = Arrays.stream(
                    System.getProperty("bench.sizes", "20x1,2000x1,20x10000").split(","))
            .map(each -> each.split("x"))
            .map(each -> new Size(Integer.parseInt(each[0]), Integer.parseInt(each[1])))
            .toList();

    private static final long PATIENCE_SECONDS = 240;

    private final Size size;
    private final BenchPostgres postgres;
    private final BenchService service;
    private final int idleSeconds;
    private final Lot lot;

    private CatalogueBenchmark(Size size, BenchPostgres postgres, BenchService service, int seconds) {
        this.size = size;
        this.postgres = postgres;
        this.service = service;
        this.idleSeconds = 6 * seconds;
        this.lot = new Lot("catalogue", size.credentials(), service, size);
    }

    /** One tenant has a credential at each provider. Of many tenants each has one credential, and a client of its own. */
    private record Size(int providers, int tenants) implements Lot.Owners {
        int credentials() {
            return Math.max(providers, tenants);
        }

        @Override
        public TenantId tenant(int index) {
            return new TenantId(tenants == 1 ? "default" : "tenant-" + index);
        }

        @Override
        public String provider(int index) {
            return BenchService.PROVIDER + "-" + (index % providers + 1);
        }
    }

    static void run(Path jar, int seconds) throws Exception {
        print(
                "%n%-10s %-8s %-24s %-24s %-24s %-30s %s%n",
                "providers",
                "tenants",
                "look for due, none",
                "backlog gauge",
                "CPU s per idle minute",
                "all due at once, refreshed",
                "reads meanwhile");
        for (Size size : SIZES) {
            Path home = Files.createTempDirectory("nexus-bench-catalogue");
            try (BenchPostgres postgres = new BenchPostgres(home);
                    BenchProvider provider = new BenchProvider();
                    BenchService service =
                            new BenchService(size.providers(), jar, home, postgres, provider.port(), 64);
                    Connection connection = postgres.connect()) {
                new CatalogueBenchmark(size, postgres, service, seconds).run(connection);
                service.complain();
            }
        }
    }

    private void run(Connection connection) throws Exception {
        if (size.tenants() > 1) {
            registerClients(connection);
        }
        lot.store(connection, index -> 7_200_000, index -> 3_600_000);
        BenchPostgres.run(connection, "VACUUM ANALYZE oauth_credentials");
        Lot read = new Lot("read", 1, service);
        read.store(connection, index -> 7_200_000, index -> 3_600_000);
        print("%-10d %-8d %s%n", size.providers(), size.tenants(), idle());
        for (int version = 2; version <= 3; version++) {
            print("%-69s %s%n", "", burst(connection, version, read));
        }
    }

    /** Each tenant has a key already: the first one costs a commit of its own. */
    private void registerClients(Connection connection) throws SQLException {
        SecretSealer sealer = service.sealer();
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key) VALUES (?, ?, ?)")) {
            for (int i = 0; i < size.credentials(); i++) {
                SealedTenantKey key = TenantKeys.draw(size.tenant(i), sealer);
                insert.setString(1, size.tenant(i).value());
                insert.setString(2, key.id());
                insert.setString(3, key.sealed().text());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO oauth_clients (tenant_id, provider, client_id, encrypted_client_secret, created_at, updated_at)"
                        + " VALUES (?, ?, ?, ?, now(), now())")) {
            for (int i = 0; i < size.credentials(); i++) {
                insert.setString(1, size.tenant(i).value());
                insert.setString(2, size.provider(i));
                insert.setString(3, BenchService.CLIENT);
                insert.setString(
                        4,
                        sealer.seal(Secret.of("secret"), SealedClient.place(size.tenant(i), size.provider(i), Map.of()))
                                .text());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private String idle() throws Exception {
        SECONDS.sleep(5);
        double serviceCpu = Processes.cpu(service.process());
        double databaseCpu = Processes.cpu(postgres.process());
        SECONDS.sleep(idleSeconds);
        serviceCpu = (Processes.cpu(service.process()) - serviceCpu) * 60 / idleSeconds;
        databaseCpu = (Processes.cpu(postgres.process()) - databaseCpu) * 60 / idleSeconds;
        long mark = postgres.beginPlans();
        SECONDS.sleep(17); // three ticks
        List<BenchPostgres.Explained> plans = postgres.endPlans(mark);
        return "%-24s %-24s %.2f, database %.2f"
                .formatted(
                        SchedulerBenchmark.figures(plans, SchedulerBenchmark.DUE_PROVIDERS),
                        SchedulerBenchmark.figures(plans, SchedulerBenchmark.GAUGE),
                        serviceCpu,
                        databaseCpu);
    }

    private String burst(Connection connection, int version, Lot read) throws Exception {
        String done = "SELECT count(*) FROM oauth_credentials WHERE token_version = " + version;
        List<Long> micros = Collections.synchronizedList(new ArrayList<>());
        double cpu = Processes.cpu(service.process());
        double databaseCpu = Processes.cpu(postgres.process());
        long dueAt = BenchPostgres.number(connection, "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint");
        BenchPostgres.run(
                connection,
                "UPDATE oauth_credentials SET next_refresh_at = clock_timestamp() WHERE user_email LIKE 'catalogue-%'");
        Thread reader = Thread.ofPlatform().start(() -> read(read, micros));
        long end = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
        while (BenchPostgres.number(connection, done) < size.credentials()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("only " + BenchPostgres.number(connection, done) + " of "
                        + size.credentials() + " were refreshed");
            }
            MILLISECONDS.sleep(100);
        }
        reader.interrupt();
        reader.join();
        String refreshed =
                BenchPostgres.rows(connection, """
                SELECT format('%%s to %%s ms later', min(t) - %1$d, max(t) - %1$d) FROM (
                  SELECT (EXTRACT(EPOCH FROM last_refreshed_at) * 1000)::bigint AS t FROM oauth_credentials
                  WHERE token_version = %2$d) AS times""".formatted(dueAt, version)).getFirst();
        return "%-30s %s; CPU %.1f s, database %.1f s, RSS %d MB"
                .formatted(
                        refreshed,
                        latencies(micros),
                        Processes.cpu(service.process()) - cpu,
                        Processes.cpu(postgres.process()) - databaseCpu,
                        Processes.rss(service.process()));
    }

    /** Reads until it is interrupted, a hundred times a second. */
    private void read(Lot read, List<Long> micros) {
        byte[] request = HttpConnection.request(
                "GET", "/api/v1/credentials/" + read.id(0) + "/token", service.apiKey(), "application/json", "");
        try (HttpConnection http = new HttpConnection(service.port())) {
            while (!Thread.currentThread().isInterrupted()) {
                long began = System.nanoTime();
                int status = http.exchange(request);
                micros.add(status == 200 ? (System.nanoTime() - began) / 1000 : Long.MAX_VALUE);
                MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            micros.add(Long.MAX_VALUE);
        }
    }

    private static String latencies(List<Long> micros) {
        List<Long> sorted = micros.stream().sorted().toList();
        if (sorted.isEmpty() || sorted.getLast() == Long.MAX_VALUE) {
            throw new IllegalStateException("of " + sorted.size() + " reads at least one failed");
        }
        return "median %.1f ms, 99 %% in %.1f ms"
                .formatted(sorted.get(sorted.size() / 2) / 1000.0, sorted.get(sorted.size() * 99 / 100) / 1000.0);
    }
}
