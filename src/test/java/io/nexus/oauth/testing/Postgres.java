package io.nexus.oauth.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL of a test's own, of the binaries on the class path, on loopback. It can be killed, paused and started again. As root
 * the server runs in a user namespace, because it refuses root.
 *
 * <p>Tests that start the application share the embedded server of the service instead; this one is for tests that need other
 * settings, or that do to the server what the application must not see done to a shared one.
 */
public class Postgres implements AutoCloseable {

    /** The superuser. */
    public static final String USER = "nexus";

    /** An empty database of {@link #USER}. */
    public static final String DATABASE = "nexus";

    /** A commit is on the disk when it is acknowledged, as in production. */
    public static final Map<String, String> DURABLE =
            Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");

    /** A crash of the machine may lose everything: for tests that crash nothing. */
    public static final Map<String, String> FAST =
            Map.of("fsync", "off", "synchronous_commit", "off", "full_page_writes", "off");

    /** The {@code application_name} of every session of {@link #connect}. */
    public static final String APPLICATION = "test";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path binaries;
    private final Path directory;
    private final int port;
    private final String password;
    private Process postmaster;
    private int starts;

    /**
     * Makes a new cluster and starts it.
     *
     * @param binaries where PostgreSQL's programs are, or go
     * @param directory where data and logs go
     * @param password of {@link #USER}
     * @param settings what {@code postgresql.conf} says, by name
     */
    public Postgres(Path binaries, Path directory, String password, Map<String, String> settings)
            throws IOException, InterruptedException {
        this.binaries = binaries;
        this.directory = Files.createDirectories(directory);
        this.password = password;
        this.port = LocalPorts.free();
        PostgresBinaries.unpack(binaries);
        initialise(settings);
        start();
        try {
            execute("postgres", "CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private void initialise(Map<String, String> settings) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("superuser"), password);
        run(
                "initdb",
                "-D",
                data().toString(),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile=" + file,
                "-E",
                "UTF-8",
                "--locale=C.UTF-8",
                "--no-sync");
        Map<String, String> all = new TreeMap<>(settings);
        all.put("listen_addresses", "127.0.0.1");
        all.put("port", Integer.toString(port));
        all.put("unix_socket_directories", "");
        all.put("timezone", "UTC");
        StringBuilder text = new StringBuilder("\n");
        all.forEach((name, value) -> text.append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        Files.writeString(data().resolve("postgresql.conf"), text, StandardOpenOption.APPEND);
    }

    /** Where it listens on loopback. */
    public final int port() {
        return port;
    }

    /** The password of {@link #USER}. */
    public final String password() {
        return password;
    }

    /** Where its files are. */
    public final Path directory() {
        return directory;
    }

    /** The directory of the cluster. */
    public final Path data() {
        return directory.resolve("data");
    }

    /** The postmaster. */
    public final synchronized ProcessHandle process() {
        return postmaster.toHandle();
    }

    /** A session of {@link #USER}; {@code properties} are names and values of the driver's properties in turns. */
    public final Connection connect(String database, String... properties) throws SQLException {
        Properties all = new Properties();
        all.setProperty("user", USER);
        all.setProperty("password", password);
        all.setProperty("connectTimeout", "3");
        all.setProperty("ApplicationName", APPLICATION);
        for (int i = 0; i < properties.length; i += 2) {
            all.setProperty(properties[i], properties[i + 1]);
        }
        return new org.postgresql.Driver().connect("jdbc:postgresql://127.0.0.1:" + port + "/" + database, all);
    }

    /** Runs a statement in a session of its own. */
    public final void execute(String database, String sql) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Starts it after {@link #kill}; blocks until it answers. */
    public final synchronized void start() throws IOException, InterruptedException {
        Files.deleteIfExists(data().resolve("postmaster.pid"));
        starts++;
        postmaster = Signals.start(new ProcessBuilder(command("postgres", "-D", data().toString()))
                .redirectErrorStream(true)
                .redirectOutput(log().toFile()));
        Signals.await("PostgreSQL answers", PATIENCE, this::answers);
    }

    private Path log() {
        return directory.resolve("postgres-" + starts + ".log");
    }

    private boolean answers() {
        if (!postmaster.isAlive()) {
            throw new IllegalStateException("PostgreSQL ended at once: see " + log());
        }
        try (Connection connection = connect("postgres", "socketTimeout", "30")) {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Kills the postmaster and waits until its children have noticed. */
    public final synchronized void kill() throws IOException, InterruptedException {
        List<ProcessHandle> family = Signals.family(postmaster.toHandle());
        postmaster.destroyForcibly().waitFor();
        Thread.sleep(200);
        Signals.send("KILL", family);
        Signals.await(
                "PostgreSQL's processes end", PATIENCE, () -> family.stream().noneMatch(ProcessHandle::isAlive));
    }

    /** Stops all its processes where they are. */
    public final synchronized void pause() throws IOException, InterruptedException {
        Signals.send("STOP", Signals.family(postmaster.toHandle()));
    }

    /** Ends {@link #pause}. */
    public final synchronized void resume() throws IOException, InterruptedException {
        Signals.send("CONT", Signals.family(postmaster.toHandle()));
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
        Path log = directory.resolve(words[0] + ".log");
        Process process = Signals.start(
                new ProcessBuilder(command(words)).redirectErrorStream(true).redirectOutput(log.toFile()));
        if (process.waitFor() != 0) {
            throw new IllegalStateException(words[0] + ": " + Files.readString(log));
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
}
