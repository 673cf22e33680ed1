package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Everything of one run: provider, PostgreSQL, proxies, replicas, callers, and the files that they write. */
final class World implements AutoCloseable {

    /** Which share of the accounts is at which provider, in twentieths. */
    private static final List<String> MIX = List.of(
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "graceful",
            "graceful",
            "graceful",
            "graceful",
            "graceful",
            "latest",
            "latest",
            "steady",
            "steady",
            "killing",
            "killing");

    /** The grace that the profile of a provider tells, less than it really is: it sets the timers. */
    private static final Map<String, Integer> DECLARED_GRACE =
            Map.of("strict", 0, "graceful", 24, "latest", 24, "killing", 0);

    private static final int TENANTS = 10;

    /**
     * @param jar the packaged service
     * @param directory where everything goes
     * @param binaries where PostgreSQL's binaries are, or go
     */
    record Plan(
            Path jar,
            Path directory,
            Path binaries,
            long seed,
            int replicas,
            int accounts,
            int leastLife,
            int mostLife,
            List<String> mix) {}

    private final Plan plan;
    private final String marker = "canary" + HexFormat.of().formatHex(random(8));
    private final String masterKey = key();
    private final String bootstrapKey = "boot" + HexFormat.of().formatHex(random(24));
    private final String password = HexFormat.of().formatHex(random(12));
    private final Journal events;
    private final ProviderProcess provider;
    private final RigPostgres postgres;
    private final Driver driver;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<FaultProxy> databaseProxies = new ArrayList<>();
    private final List<FaultProxy> providerProxies = new ArrayList<>();
    private final List<Account> accounts = new ArrayList<>();
    private final Map<String, String> tenantKeys = new LinkedHashMap<>();
    private final Map<String, String> masterKeys = new LinkedHashMap<>();
    private final Map<String, Double> poolsAtTheEnd = new LinkedHashMap<>();
    private Sampler sampler;
    private int numbers;
    private volatile int leastLife;
    private volatile int mostLife;
    private final Set<String> known = new HashSet<>();

    World(Plan plan) throws IOException, InterruptedException {
        this.plan = plan;
        Files.createDirectories(plan.directory());
        events = new Journal(plan.directory().resolve("events.log"));
        postgres = new RigPostgres(
                plan.binaries(), Files.createDirectories(plan.directory().resolve("postgres")), password);
        provider = new ProviderProcess(plan.directory().resolve("provider"), plan.seed(), marker);
        lives(plan.leastLife(), plan.mostLife());
        driver = new Driver(this, plan.directory().resolve("driver.log"));
        masterKeys.put("first", masterKey);
        Files.writeString(plan.directory().resolve("master.key"), masterKey + "\n");
        Files.writeString(plan.directory().resolve("api-key"), bootstrapKey + "\n");
        for (int i = 1; i <= plan.replicas(); i++) {
            add("r" + i);
        }
    }

    private void add(String name) throws IOException {
        Path home = Files.createDirectories(plan.directory().resolve(name));
        FaultProxy database = new FaultProxy("pg-" + name, postgres.port(), events);
        FaultProxy toProvider = new FaultProxy("provider-" + name, provider.port(), events);
        databaseProxies.add(database);
        providerProxies.add(toProvider);
        Path catalogue = Files.writeString(home.resolve("providers.yaml"), catalogue(name, toProvider.port()));
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "quarkus.datasource.reactive.url",
                "postgresql://127.0.0.1:" + database.port() + "/" + RigPostgres.DATABASE);
        settings.put("quarkus.datasource.username", RigPostgres.USER);
        settings.put("quarkus.datasource.password", password);
        settings.put("quarkus.http.host", "127.0.0.1");
        settings.put("quarkus.management.host", "127.0.0.1");
        settings.put("nexus.oauth.mode", "local");
        settings.put("nexus.oauth.public-url", "http://127.0.0.1:1");
        settings.put(
                "nexus.oauth.encryption.key-files",
                plan.directory().resolve("master.key").toString());
        settings.put(
                "nexus.oauth.access.bootstrap-key-file",
                plan.directory().resolve("api-key").toString());
        settings.put("nexus.oauth.providers.allow-insecure-http", "true");
        settings.put("nexus.oauth.providers.files", catalogue.toString());
        settings.put("nexus.oauth.refresh.every", "2s");
        settings.put("nexus.oauth.refresh.floor", "2s");
        settings.put("nexus.oauth.refresh.min-ttl", "10s");
        settings.put("nexus.oauth.refresh.confirm-after", "5s");
        settings.put("nexus.oauth.refresh.hold-for", "20s");
        settings.put("nexus.oauth.refresh.hold-pause", "3s");
        RigGrants.RULES.keySet().forEach(id -> {
            settings.put("nexus.oauth.clients." + id + ".provider", id);
            settings.put("nexus.oauth.clients." + id + ".client-id", "nexus-rig");
            settings.put("nexus.oauth.clients." + id + ".client-secret", "secret-" + marker);
        });
        replicas.add(new Replica(name, home, plan.jar(), settings, events));
    }

    private static String catalogue(String replica, int port) {
        return "providers:\n"
                + RigGrants.RULES.keySet().stream()
                        .sorted()
                        .map(id -> {
                            String url = "http://127.0.0.1:" + port + "/" + replica + "/" + id;
                            RigGrants.Rule rule = RigGrants.RULES.get(id);
                            String refresh = rule.rotates()
                                    ? "{rotation: always, grace_s: " + DECLARED_GRACE.get(id) + ", kills_access_token: "
                                            + rule.killsAccessToken() + "}"
                                    : "{rotation: never}";
                            return "  " + id + ":\n    name: " + id + "\n    authorize: {url: \"" + url
                                    + "/authorize\"}\n    token: {url: \""
                                    + url + "/token\", auth: post}\n    refresh: " + refresh
                                    + "\n    ttl: {access: 30}\n    revoke: {style: rfc7009, url: \"" + url
                                    + "/revoke\", auth: post, ends: token}\n";
                        })
                        .collect(Collectors.joining());
    }

    /** Whether the profile tells of a grace long enough for a second attempt. */
    static boolean hasGrace(String provider) {
        return DECLARED_GRACE.getOrDefault(provider, 0) > 0;
    }

    /** Starts all replicas, makes the tenants' keys and connects the accounts. */
    World start() throws Exception {
        replicas.getFirst().start();
        installHistory();
        for (Replica replica : replicas.subList(1, replicas.size())) {
            replica.begin();
        }
        for (Replica replica : replicas.subList(1, replicas.size())) {
            replica.awaitStart();
        }
        try (Http http = new Http()) {
            for (int i = 0; i < TENANTS; i++) {
                tenantKeys.put("t" + i, issueKey(http, "t" + i));
            }
        }
        connect(plan.accounts(), plan.mix().isEmpty() ? MIX : plan.mix());
        sampler = new Sampler(this, plan.directory().resolve("samples.log"));
        return this;
    }

    /** Connects {@code count} more accounts, at these providers in turns. */
    List<Account> connect(int count, List<String> providers) throws Exception {
        List<Account> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String tenant = "t" + i % TENANTS;
            int number = numbers++;
            Account account =
                    new Account(providers.get(i % providers.size()), tenant, "u" + number, tenantKeys.get(tenant));
            accounts.add(account);
            added.add(account);
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<?>> all = new ArrayList<>();
            for (Account account : added) {
                all.add(threads.submit(() -> {
                    try (Http http = new Http()) {
                        driver.connect(http, account);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(120, TimeUnit.SECONDS);
            }
        }
        return added;
    }

    private String issueKey(Http http, String tenant) throws IOException {
        Http.Answer answer = http.post(
                replicas.getFirst().port(),
                "/api/v1/api-keys",
                bootstrapKey,
                "{\"name\":\"rig\",\"tenant\":\"" + tenant
                        + "\",\"roles\":[\"token-reader\",\"connector\",\"tenant-admin\",\"auditor\"]}");
        if (answer.status() != 201) {
            throw new IllegalStateException("no key for " + tenant + ": " + answer.status());
        }
        return answer.body().replaceFirst("(?s).*\"(nxo_[^\"]+)\".*", "$1");
    }

    /** Each state that a row ever had, written by a trigger in the transaction that made it. */
    private void installHistory() throws SQLException {
        postgres.execute("""
                CREATE TABLE rig_history (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
                  op text, credential_id uuid, status text, token_version bigint, token_epoch bigint, lease_epoch bigint,
                  unresolved int, expires_at timestamptz, last_attempt uuid, lease_owner text);
                CREATE FUNCTION rig_remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  INSERT INTO rig_history (op, credential_id, status, token_version, token_epoch, lease_epoch, unresolved,
                    expires_at, last_attempt, lease_owner)
                  VALUES (TG_OP, NEW.credential_id, NEW.status, NEW.token_version, NEW.token_epoch, NEW.lease_epoch,
                    NEW.unresolved, NEW.expires_at, NEW.last_attempt, NEW.lease_owner);
                  RETURN NULL; END $$;
                CREATE TRIGGER rig_remember AFTER INSERT OR UPDATE ON oauth_credentials
                  FOR EACH ROW EXECUTE FUNCTION rig_remember();
                CREATE INDEX ON rig_history (credential_id, id);""");
    }

    /** Lets the callers go on until nothing is overdue, then ends them and waits for the attempts under way. */
    void calm(int overdueSeconds) throws Exception {
        for (FaultProxy proxy : databaseProxies) {
            proxy.mode(FaultProxy.Mode.PASS);
        }
        for (FaultProxy proxy : providerProxies) {
            proxy.mode(FaultProxy.Mode.PASS);
        }
        provider.set("dice", false);
        for (Replica replica : replicas) {
            if (!replica.isAlive()) {
                replica.start();
            }
        }
        events.add("calm");
        long began = System.nanoTime();
        int overdue = sampler.overdue();
        while (overdue > 0 && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(overdueSeconds)) {
            Thread.sleep(250);
            overdue = sampler.overdue();
        }
        while (waitingRevocations() > 0 && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(overdueSeconds)) {
            Thread.sleep(250);
        }
        events.add("recovered", "overdue", overdue, "ms", (System.nanoTime() - began) / 1_000_000);
        driver.stop();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (System.nanoTime() < deadline && leased() > 0) {
            Thread.sleep(200);
        }
        double unstored = unstored();
        for (int i = 0; i < 60 && unstored > 0; i++) {
            Thread.sleep(250);
            unstored = unstored();
        }
        events.add("unstored", "answers", (int) unstored);
        for (Replica replica : replicas) {
            poolsAtTheEnd.put(replica.name(), busyConnections(replica));
            Files.writeString(replica.home().resolve("metrics.txt"), replica.metrics());
        }
        events.add("quiet");
    }

    /** Answers that are on a replica's disk and not in the database. */
    private double unstored() throws IOException {
        double sum = 0;
        for (Replica replica : replicas) {
            sum += replica.metric("nexus_oauth_unpersisted_tokens");
        }
        return sum;
    }

    private static double busyConnections(Replica replica) throws IOException, InterruptedException {
        double busy = 1;
        for (int i = 0; i < 30 && busy > 0; i++) {
            // not sql_pool_queue_size: waiters whose patience ended are never counted out of it
            busy = replica.metric("sql_pool_active");
            Thread.sleep(busy > 0 ? 500 : 0);
        }
        return busy;
    }

    /** Connections in use or waited for, by replica, when nobody asked any more. */
    Map<String, Double> poolsAtTheEnd() {
        return poolsAtTheEnd;
    }

    private int waitingRevocations() throws SQLException {
        return Integer.parseInt(postgres.value("SELECT count(*) FROM revocation_outbox"));
    }

    private int leased() throws SQLException {
        return Integer.parseInt(
                postgres.value("SELECT count(*) FROM oauth_credentials WHERE lease_until > clock_timestamp()"
                        + " AND lease_until < clock_timestamp() + interval '15 seconds'"));
    }

    /** The violations that were not there before: each is told once, by the scenario that brought it about. */
    List<String> news(List<Finding> findings) {
        return findings.stream()
                .flatMap(finding -> finding.violations.stream().map(each -> finding.name + ": " + each))
                .filter(known::add)
                .toList();
    }

    /** Whether nothing was ever violated. */
    boolean isClean() {
        return known.isEmpty();
    }

    /** Ends all replicas in peace and starts them again, all at once. */
    void restart() throws Exception {
        for (Replica replica : replicas) {
            replica.tellToEnd();
        }
        for (Replica replica : replicas) {
            replica.terminate(Duration.ofSeconds(75));
            replica.begin();
        }
        for (Replica replica : replicas) {
            replica.awaitStart();
        }
    }

    /** The replica at {@code index}, round and round. */
    Replica replica(int index) {
        return replicas.get(index % replicas.size());
    }

    /** A new account whose access token has ended. */
    Account expired(String provider) throws Exception {
        Account account = connect(1, List.of(provider)).getFirst();
        postgres.execute("UPDATE oauth_credentials SET expires_at = clock_timestamp() - interval '1 second'"
                + " WHERE credential_id = '" + account.credential + "'");
        accounts.remove(account);
        return account;
    }

    /** Nobody asks for these any more, and the service has them no longer to refresh. */
    void forget(List<Account> gone) throws SQLException {
        accounts.removeAll(gone);
        for (Account account : gone) {
            postgres.execute("UPDATE oauth_credentials SET next_refresh_at = NULL WHERE credential_id = '"
                    + account.credential + "'");
        }
    }

    Replica anyone() {
        List<Replica> alive = replicas.stream().filter(Replica::isAlive).toList();
        return alive.isEmpty()
                ? replicas.getFirst()
                : alive.get(ThreadLocalRandom.current().nextInt(alive.size()));
    }

    Replica anotherThan(Replica one) {
        List<Replica> alive =
                replicas.stream().filter(each -> each != one && each.isAlive()).toList();
        return alive.isEmpty() ? one : alive.get(ThreadLocalRandom.current().nextInt(alive.size()));
    }

    Plan plan() {
        return plan;
    }

    int leastLife() {
        return leastLife;
    }

    int mostLife() {
        return mostLife;
    }

    /** How many seconds access tokens live from now on. */
    void lives(int least, int most) throws IOException, InterruptedException {
        leastLife = least;
        mostLife = most;
        provider.set("least", least, "most", most, "latency", 15);
    }

    /** Access tokens live as planned again. Those that would live on for longer are due soon: else nothing would happen for long. */
    void livesAsPlanned() throws IOException, InterruptedException, SQLException {
        lives(plan.leastLife(), plan.mostLife());
        postgres.execute("UPDATE oauth_credentials SET next_refresh_at = clock_timestamp() + random() * interval '"
                + plan.leastLife() + " seconds' WHERE status = 'active' AND next_refresh_at > clock_timestamp()"
                + " + interval '" + plan.mostLife() + " seconds'");
    }

    List<Replica> replicas() {
        return replicas;
    }

    List<Account> accounts() {
        return accounts;
    }

    FaultProxy databaseProxy(int replica) {
        return databaseProxies.get(replica);
    }

    FaultProxy providerProxy(int replica) {
        return providerProxies.get(replica);
    }

    ProviderProcess provider() {
        return provider;
    }

    RigPostgres postgres() {
        return postgres;
    }

    Driver driver() {
        return driver;
    }

    Journal events() {
        return events;
    }

    /** What must be found nowhere but in the logs of the rig. */
    List<String> canaries() {
        List<String> all = new ArrayList<>(List.of(marker, bootstrapKey));
        masterKeys.values().forEach(all::add);
        all.addAll(tenantKeys.values());
        return all;
    }

    Map<String, String> masterKeys() {
        return masterKeys;
    }

    static String key() {
        return Base64.getUrlEncoder().encodeToString(random(32));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        if (sampler != null) {
            sampler.close();
        }
        driver.close();
        replicas.forEach(Replica::close);
        for (FaultProxy proxy : databaseProxies) {
            proxy.close();
        }
        for (FaultProxy proxy : providerProxies) {
            proxy.close();
        }
        provider.close();
        postgres.close();
        events.close();
    }
}
