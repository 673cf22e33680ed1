package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;
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
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Everything of one run: provider, PostgreSQL, proxies, replicas, callers, and the files that they write. */
final class World implements AutoCloseable {

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
    private final String bootstrapKey = "boot" + HexFormat.of().formatHex(random(24));
    private final String password = HexFormat.of().formatHex(random(12));
    private final Journal events;
    private final ProviderProcess provider;
    private final RigPostgres postgres;
    private final Driver driver;
    private final List<Replica> replicas = new ArrayList<>();
    private final List<TcpFaultProxy> databaseProxies = new ArrayList<>();
    private final List<TcpFaultProxy> providerProxies = new ArrayList<>();
    private final Accounts accounts = new Accounts(this);
    private final MasterKeyFile keys;
    private final Tenants tenants = new Tenants(this);
    private final Map<String, OptionalDouble> poolsAtTheEnd = new LinkedHashMap<>();
    private PatroniCluster cluster;
    private Sampler sampler;
    private boolean isClean = true;
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
        keys = new MasterKeyFile(plan.directory().resolve("master.key"));
        Files.writeString(plan.directory().resolve("api-key"), bootstrapKey + "\n");
        for (int i = 1; i <= plan.replicas(); i++) {
            add("r" + i);
        }
    }

    private void add(String name) throws IOException {
        Path home = Files.createDirectories(plan.directory().resolve(name));
        TcpFaultProxy database = new TcpFaultProxy(postgres.port(), new ProxyLog("pg-" + name, events));
        TcpFaultProxy toProvider = new TcpFaultProxy(provider.port(), new ProxyLog("provider-" + name, events));
        databaseProxies.add(database);
        providerProxies.add(toProvider);
        Map<String, String> settings = ReplicaSettings.of(this, name, home, database.port(), toProvider.port());
        replicas.add(new Replica(name, home, plan.jar(), settings, events));
    }

    /** Before the start: the database is two servers under Patroni from now on. */
    World highlyAvailable() throws IOException, InterruptedException {
        cluster =
                new PatroniCluster(postgres, plan.directory().resolve("patroni"), new ProxyLog("replication", events));
        return this;
    }

    /** The servers under Patroni. */
    PatroniCluster cluster() {
        return cluster;
    }

    /** Starts all replicas, makes the tenants' keys and connects the accounts. */
    World start() throws Exception {
        replicas.getFirst().start();
        Snapshot.install(postgres);
        for (Replica replica : replicas.subList(1, replicas.size())) {
            replica.begin();
        }
        for (Replica replica : replicas.subList(1, replicas.size())) {
            replica.awaitStart();
        }
        tenants.begin();
        accounts.begin();
        sampler = new Sampler(this, plan.directory().resolve("samples.log"));
        return this;
    }

    /** Lets the callers go on until nothing is overdue, then ends them and waits for the attempts under way. */
    void calm(int overdueSeconds) throws Exception {
        new Calm(this).restore(overdueSeconds);
    }

    /** Connections in use by replica, when nobody asked any more. */
    Map<String, OptionalDouble> poolsAtTheEnd() {
        return poolsAtTheEnd;
    }

    /**
     * Everything that is wrong and was not known before. A violation is reported once, by the scenario that caused it; a scenario in
     * which something was not looked at is reported each time.
     */
    List<String> news(List<Finding> findings) {
        List<String> news = new ArrayList<>();
        for (Finding finding : findings) {
            finding.found().stream()
                    .map(each -> finding.name + ": " + each)
                    .filter(known::add)
                    .forEach(news::add);
            finding.shortfalls().stream()
                    .map(each -> finding.name + ": " + each)
                    .forEach(news::add);
        }
        isClean &= news.isEmpty();
        return news;
    }

    /** Whether nothing was ever wrong. */
    boolean isClean() {
        return isClean;
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

    Accounts accounts() {
        return accounts;
    }

    TcpFaultProxy databaseProxy(int replica) {
        return databaseProxies.get(replica);
    }

    TcpFaultProxy providerProxy(int replica) {
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

    /** The secrets that may be in the logs of the rig only. */
    List<String> canaries() {
        List<String> all = new ArrayList<>(List.of(marker, bootstrapKey));
        all.addAll(keys.all());
        all.addAll(tenants.keys());
        return all;
    }

    /** The text that every token and every client secret contains. */
    String marker() {
        return marker;
    }

    /** The API key of an admin of every tenant. */
    String adminKey() {
        return bootstrapKey;
    }

    /** The database's. */
    String password() {
        return password;
    }

    MasterKeyFile keys() {
        return keys;
    }

    Tenants tenants() {
        return tenants;
    }

    Sampler sampler() {
        return sampler;
    }

    /** Ends what the proxies do to traffic. */
    void pass() {
        for (TcpFaultProxy proxy : databaseProxies) {
            proxy.mode(TcpFaultProxy.Mode.PASS);
        }
        for (TcpFaultProxy proxy : providerProxies) {
            proxy.mode(TcpFaultProxy.Mode.PASS);
        }
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
        for (TcpFaultProxy proxy : databaseProxies) {
            proxy.close();
        }
        for (TcpFaultProxy proxy : providerProxies) {
            proxy.close();
        }
        provider.close();
        if (cluster != null) {
            cluster.close();
        }
        postgres.close();
        events.close();
    }
}
