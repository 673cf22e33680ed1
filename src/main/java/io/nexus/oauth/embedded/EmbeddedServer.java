package io.nexus.oauth.embedded;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Starts one PostgreSQL per process and home directory. Its port is kept in a system property, because live reload and tests
 * load this class again while the server stays.
 */
final class EmbeddedServer {

    private static final String PORT = "io.nexus.oauth.embedded.port@";

    private EmbeddedServer() {}

    /** The port on 127.0.0.1; starts the server unless it runs. Refused when another process has the directory. */
    static int port(HomeDirectory home) {
        synchronized (System.class) { // the one monitor that every class loader shares
            HomeLock.hold(home);
            Integer running = Integer.getInteger(PORT + home.path());
            if (running != null && answers(running)) {
                return running;
            }
            int port = start(home);
            System.setProperty(PORT + home.path(), Integer.toString(port));
            return port;
        }
    }

    /** The password of {@link DatabaseRole#NAME}. */
    static String password(HomeDirectory home) {
        return home.kept("pg/password", LocalSecrets::password);
    }

    private static int start(HomeDirectory home) {
        ServerProcess process = new ServerProcess(home);
        try {
            process.clear();
            setAsideUnfinished(home.data());
            // the library's own lock, which this process may still hold from a server that has gone since
            Files.deleteIfExists(home.data().resolve("epg-lock"));
            EmbeddedPostgres server = builder(home).start();
            ownerOnly(home.binaries());
            Runtime.getRuntime().addShutdownHook(new StopHook(process));
            DatabaseRole.ensure(server.getPostgresDatabase(), password(home));
            return server.getPort();
        } catch (IOException | SQLException | RuntimeException | ExceptionInInitializerError e) {
            leaveNone(process, e);
            throw new ConfigurationException(failure(home, e), e);
        }
    }

    /** One that came up but cannot be used, for example because its password was changed, must not stay behind. */
    private static void leaveNone(ServerProcess process, Throwable cause) {
        try {
            process.stop();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static EmbeddedPostgres.Builder builder(HomeDirectory home) {
        Path superuser = home.keep("pg/superuser-password", LocalSecrets::password);
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(home.binaries().toFile())
                .setDataDirectory(home.data())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false) // it would not wait for the pools: see StopHook
                .setDataDirectoryCustomizer(data -> finished(data.toPath()))
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "''")
                .setServerConfig(
                        "fsync", "on") // the library switches it off; this holds tokens that cannot be had twice
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "100")
                .setServerConfig("logging_collector", "on") // its log stays readable when the service was killed
                .setServerConfig("log_filename", "postgresql-%a.log")
                .setServerConfig("log_truncate_on_rotation", "on")
                .setServerConfig("log_checkpoints", "off")
                .setLocaleConfig("locale", "C.UTF-8")
                .setLocaleConfig("auth-host", "scram-sha-256") // the library passes -A trust; these come after it
                .setLocaleConfig("auth-local", "scram-sha-256")
                .setLocaleConfig("pwfile", superuser.toString())
                .setConnectConfig("password", home.kept("pg/superuser-password", LocalSecrets::password))
                .setPGStartupWait(Duration.ofSeconds(60)); // recovery after a crash takes its time
    }

    /** Called after initdb and before every start. */
    private static void finished(Path data) {
        try {
            if (!Files.exists(data.resolve("nexus-initialized"))) {
                Files.createFile(data.resolve("nexus-initialized"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A first start that was killed half way leaves a directory that never starts. It never held data either. */
    private static void setAsideUnfinished(Path data) throws IOException {
        if (Files.exists(data) && !Files.exists(data.resolve("nexus-initialized"))) {
            Path aside = Files.createTempDirectory(data.getParent(), "unfinished-");
            Files.move(data, aside, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The library makes its directory writable for everybody. */
    private static void ownerOnly(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String failure(HomeDirectory home, Throwable cause) {
        return "The embedded PostgreSQL did not start in " + home.data() + " (" + reason(cause) + "); its log is in "
                + home.data().resolve("log")
                + ". As root it needs user namespaces (unshare -U): run as an ordinary user,"
                + " or configure a database (QUARKUS_DATASOURCE_REACTIVE_URL, _USERNAME, _PASSWORD).";
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
