package io.nexus.oauth.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL of the rig's own, of the binaries on the class path, on loopback and with fsync on: it is killed, paused and
 * overwritten with an older copy of itself. As root the server runs in a user namespace, because it refuses root.
 */
final class RigPostgres implements AutoCloseable {

    static final String USER = "nexus";
    static final String DATABASE = "nexus";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path binaries;
    private final Path directory;
    private final Path data;
    private final int port;
    private final String password;
    private Process postmaster;
    private int starts;

    RigPostgres(Path binaries, Path directory, String password) throws IOException, InterruptedException {
        this.binaries = binaries;
        this.directory = directory;
        this.data = directory.resolve("data");
        this.password = password;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        PostgresBinaries.unpack(binaries);
        initialise();
    }

    int port() {
        return port;
    }

    Path directory() {
        return directory;
    }

    private void initialise() throws IOException, InterruptedException {
        Path file = directory.resolve("superuser");
        Files.writeString(file, password);
        run(
                "initdb",
                "-D",
                data.toString(),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile=" + file,
                "-E",
                "UTF-8",
                "--locale=C",
                "--no-sync");
        Files.writeString(
                data.resolve("postgresql.conf"),
                String.join(
                        "\n",
                        "",
                        "listen_addresses = '127.0.0.1'",
                        "port = " + port,
                        "unix_socket_directories = ''",
                        "fsync = on",
                        "synchronous_commit = on",
                        "full_page_writes = on",
                        "max_connections = 100",
                        "shared_buffers = 64MB",
                        "min_wal_size = 64MB",
                        "max_wal_size = 256MB",
                        "log_line_prefix = '%m [%p] %a '",
                        "log_min_duration_statement = -1",
                        "restart_after_crash = on",
                        ""),
                java.nio.file.StandardOpenOption.APPEND);
        start();
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    synchronized void start() throws IOException, InterruptedException {
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        postmaster = Signals.start(new ProcessBuilder(command("postgres", "-D", data.toString()))
                .redirectErrorStream(true)
                .redirectOutput(
                        directory.resolve("postgres-" + (++starts) + ".log").toFile()));
        Signals.await("PostgreSQL answers", PATIENCE, this::answers);
    }

    private boolean answers() {
        if (!postmaster.isAlive()) {
            throw new IllegalStateException(
                    "PostgreSQL ended at once: see " + directory + "/postgres-" + starts + ".log");
        }
        try (Connection connection = connect("postgres")) {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Kills the postmaster and waits until its children have noticed. */
    synchronized void kill() throws IOException, InterruptedException {
        List<ProcessHandle> family = Signals.family(postmaster.toHandle());
        postmaster.destroyForcibly().waitFor();
        Thread.sleep(200);
        Signals.send("KILL", family);
        Signals.await(
                "PostgreSQL's processes end", PATIENCE, () -> family.stream().noneMatch(ProcessHandle::isAlive));
    }

    synchronized void pause() throws IOException, InterruptedException {
        Signals.send("STOP", Signals.family(postmaster.toHandle()));
    }

    synchronized void resume() throws IOException, InterruptedException {
        Signals.send("CONT", Signals.family(postmaster.toHandle()));
    }

    /** A copy of the files at one instant: what a crash at that instant would leave. */
    void copyTo(Path copy) throws IOException, InterruptedException {
        pause();
        try {
            copy(data, copy);
        } finally {
            resume();
        }
    }

    /** Goes back to {@code copy}, which is used up. */
    void restore(Path copy) throws IOException, InterruptedException {
        kill();
        Files.move(data, directory.resolve("data-lost-" + starts));
        Files.move(copy, data);
        start();
    }

    Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("ApplicationName", "rig");
        return new org.postgresql.Driver().connect("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows as text, column by column; null is an empty text. */
    List<String[]> rows(String sql) throws SQLException {
        return snapshot(List.of(sql)).getFirst();
    }

    /** The rows of several queries at one instant. */
    List<List<String[]>> snapshot(List<String> queries) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            List<List<String[]>> all = new ArrayList<>();
            for (String sql : queries) {
                all.add(rows(connection, sql));
            }
            connection.rollback();
            return all;
        }
    }

    private static List<String[]> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String[]> rows = new ArrayList<>();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                String[] row = new String[columns];
                for (int i = 0; i < columns; i++) {
                    String value = result.getString(i + 1);
                    row[i] = value == null ? "" : value;
                }
                rows.add(row);
            }
            return rows;
        }
    }

    String value(String sql) throws SQLException {
        return rows(sql).getFirst()[0];
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            resume();
            Signals.send("INT", List.of(postmaster.toHandle()));
            if (!postmaster.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Signals.family(postmaster.toHandle()).forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    private void run(String... words) throws IOException, InterruptedException {
        Process process = Signals.start(new ProcessBuilder(command(words))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(words[0] + ".log").toFile()));
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words[0] + ": " + Files.readString(directory.resolve(words[0] + ".log")));
        }
    }

    private List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(binaries.resolve("bin").resolve(words[0]).toString());
        command.addAll(List.of(words).subList(1, words.length));
        return command;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(each -> {
                try {
                    Files.copy(
                            each,
                            to.resolve(from.relativize(each).toString()),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
