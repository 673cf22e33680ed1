package io.nexus.oauth.rig;

import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Postgres;
import io.nexus.oauth.testing.Signals;
import io.nexus.oauth.testing.TcpFaultProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Two PostgreSQL servers under Patroni and etcd, of Debian's packages, with asynchronous streaming replication. An HAProxy sends
 * connections to the one that Patroni calls the primary, on the port that the rig's PostgreSQL had. The standby reaches the primary
 * through a proxy that can break.
 */
final class PatroniCluster implements AutoCloseable {

    private static final Path SERVERS = Path.of("/usr/lib/postgresql");
    private static final Path PATRONI = Path.of("/usr/bin/patroni");
    private static final Path ETCD = Path.of("/usr/bin/etcd");
    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** One server and its Patroni. */
    private static final class Node {
        final String name;
        final Path data;
        final int port = LocalPorts.free();
        final int rest = LocalPorts.free();
        Process patroni;

        Node(String name, Path data) {
            this.name = name;
            this.data = data;
        }

        boolean is(String role) {
            try (Http http = new Http()) {
                return http.get(rest, "/" + role, "").status() == 200;
            } catch (IOException e) {
                return false;
            }
        }

        /** The server is no child of Patroni. */
        Optional<ProcessHandle> postmaster() throws IOException {
            Path file = data.resolve("postmaster.pid");
            return Files.exists(file)
                    ? ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst()))
                    : Optional.empty();
        }

        void kill() throws IOException, InterruptedException {
            List<ProcessHandle> all = new ArrayList<>(Signals.family(patroni.toHandle()));
            postmaster().ifPresent(head -> all.addAll(Signals.family(head)));
            Signals.send("KILL", all);
            Signals.await(name + " ends", PATIENCE, () -> all.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    private final Path directory;
    private final RigPostgres postgres;
    private final Node first;
    private final Node second;
    private final TcpFaultProxy replication;
    private final List<Process> helpers = new ArrayList<>();
    private final int etcd = LocalPorts.free();

    /** Takes {@code postgres} over, which ends; what it holds is in the cluster. */
    PatroniCluster(RigPostgres postgres, Path directory, TcpFaultProxy.Listener heard)
            throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        this.postgres = postgres;
        first = new Node("n1", postgres.data());
        second = new Node("n2", directory.resolve("standby"));
        replication = new TcpFaultProxy(first.port, heard);
        postgres.close();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        etcd();
        start(first, replication.port(), "primary");
        start(second, second.port, "replica");
        balance();
    }

    /** Why it cannot be had here; empty when it can. */
    static Optional<String> missing() {
        return Stream.of(PATRONI, ETCD, HAPROXY, SERVERS)
                .filter(each -> !Files.exists(each))
                .map(each -> "there is no " + each)
                .findFirst();
    }

    /** Where the programs of PostgreSQL are; the embedded ones lack some. */
    static Path binaries() throws IOException {
        try (Stream<Path> versions = Files.list(SERVERS)) {
            return versions.filter(each -> Files.exists(each.resolve("bin/postgres")))
                    .max((one, two) -> Integer.compare(version(one), version(two)))
                    .orElseThrow(() -> new IOException("no server in " + SERVERS));
        }
    }

    private static int version(Path directory) {
        return Integer.parseInt(directory.getFileName().toString());
    }

    private void etcd() throws IOException {
        String clients = "http://127.0.0.1:" + etcd;
        String peers = "http://127.0.0.1:" + LocalPorts.free();
        helper(
                "etcd",
                ETCD.toString(),
                "--name=rig",
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=rig=" + peers);
    }

    /** Starts a server; others reach it at {@code reached}. */
    private void start(Node node, int reached, String role) throws IOException, InterruptedException {
        String config = """
                scope: rig
                name: %s
                restapi: {listen: "127.0.0.1:%d", connect_address: "127.0.0.1:%d"}
                etcd3: {host: "127.0.0.1:%d"}
                bootstrap:
                  dcs:
                    ttl: 6
                    loop_wait: 1
                    retry_timeout: 2
                    maximum_lag_on_failover: 1073741824
                    synchronous_mode: false
                    postgresql:
                      use_pg_rewind: false
                      parameters: {max_connections: 100, hot_standby_feedback: "on"}
                postgresql:
                  listen: "127.0.0.1:%d"
                  connect_address: "127.0.0.1:%d"
                  data_dir: "%s"
                  bin_dir: "%s"
                  pgpass: "%s"
                  authentication:
                    superuser: {username: %s, password: %s}
                    replication: {username: %s, password: %s}
                  parameters: {unix_socket_directories: ""}
                """.formatted(
                        node.name,
                        node.rest,
                        node.rest,
                        etcd,
                        node.port,
                        reached,
                        node.data,
                        binaries().resolve("bin"),
                        directory.resolve("pgpass-" + node.name),
                        Postgres.USER,
                        postgres.password(),
                        Postgres.USER,
                        postgres.password());
        Path file = Files.writeString(directory.resolve(node.name + ".yml"), config);
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("unshare", "-U")); // PostgreSQL refuses root
        }
        command.addAll(List.of(PATRONI.toString(), file.toString()));
        node.patroni = helper(node.name, command.toArray(String[]::new));
        Signals.await(node.name + " is the " + role + ", see " + directory, PATIENCE, () -> node.is(role));
    }

    private void balance() throws IOException, InterruptedException {
        Path file = Files.write(
                directory.resolve("haproxy.cfg"),
                List.of(
                        "global",
                        "  maxconn 400",
                        "defaults",
                        "  mode tcp",
                        "  timeout connect 2s",
                        "  timeout client 30m",
                        "  timeout server 30m",
                        "listen primary",
                        "  bind 127.0.0.1:" + postgres.port(),
                        "  option httpchk GET /primary",
                        "  http-check expect status 200",
                        "  default-server check inter 300ms fall 2 rise 1 on-marked-down shutdown-sessions",
                        "  server n1 127.0.0.1:" + first.port + " check port " + first.rest,
                        "  server n2 127.0.0.1:" + second.port + " check port " + second.rest));
        helper("haproxy", HAPROXY.toString(), "-db", "-f", file.toString());
        awaitPrimary();
    }

    private Process helper(String name, String... command) throws IOException {
        Process process = Signals.start(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile()));
        helpers.add(process);
        return process;
    }

    private void awaitPrimary() throws InterruptedException {
        Signals.await("the primary answers, see " + directory, PATIENCE, () -> {
            try {
                return postgres.value("SELECT pg_is_in_recovery()").equals("f");
            } catch (SQLException e) {
                return false;
            }
        });
    }

    /** Waits until the standby has everything that is committed now. */
    void awaitStandby() throws SQLException, InterruptedException {
        String position = postgres.value("SELECT pg_current_wal_flush_lsn()");
        Signals.await("the standby has " + position + ", see " + directory, PATIENCE, () -> {
            try {
                return rowsOfStandby("SELECT (pg_last_wal_replay_lsn() >= '" + position + "'::pg_lsn)::int::text, 0")
                        .containsKey("1");
            } catch (SQLException e) {
                return false;
            }
        });
    }

    /** From now on the standby gets nothing. */
    void cutReplication() {
        replication.mode(TcpFaultProxy.Mode.REFUSE);
    }

    /** How many credentials have a later token at the primary than at the standby. */
    long lacking() throws SQLException {
        String sql = "SELECT credential_id::text, token_version FROM oauth_credentials";
        Map<String, Long> there = rowsOfStandby(sql);
        return postgres.rows(sql).stream()
                .filter(row -> Long.parseLong(row[1]) > there.getOrDefault(row[0], 0L))
                .count();
    }

    private Map<String, Long> rowsOfStandby(String sql) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", Postgres.USER);
        properties.setProperty("password", postgres.password());
        properties.setProperty("ApplicationName", Postgres.APPLICATION);
        Map<String, Long> rows = new HashMap<>();
        String url = "jdbc:postgresql://127.0.0.1:" + second.port + "/" + Postgres.DATABASE;
        try (Connection connection = new org.postgresql.Driver().connect(url, properties);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.put(result.getString(1), result.getLong(2));
            }
        }
        return rows;
    }

    /** The primary and its Patroni are gone at once, with all that they did not send. */
    void killPrimary() throws IOException, InterruptedException {
        first.kill();
    }

    /** Waits until Patroni has promoted the standby and connections reach it. */
    void awaitPromotion() throws InterruptedException {
        Signals.await("the standby is promoted, see " + directory, PATIENCE, () -> second.is("primary"));
        awaitPrimary();
    }

    /** The directory of the server that serves after the promotion. */
    Path promoted() {
        return second.data;
    }

    @Override
    public void close() {
        try {
            for (Node node : List.of(first, second)) {
                if (node.patroni != null) {
                    node.kill();
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        helpers.forEach(Process::destroyForcibly);
        replication.close();
    }
}
