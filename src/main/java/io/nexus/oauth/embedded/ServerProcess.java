package io.nexus.oauth.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The server process of a home directory, found by {@code postmaster.pid}: that of this process, or one left by a
 * killed process. Uses the JDK only, so that it works in a shutdown hook after live reload closed the class loader.
 */
final class ServerProcess {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private final HomeDirectory home;
    private final Path pidFile;

    ServerProcess(HomeDirectory home) {
        this.home = home;
        this.pidFile = home.data().resolve("postmaster.pid");
    }

    /**
     * Stops a server that outlived its owner, before a start. So its data is complete, and the new server runs with the
     * current settings. Deletes a pid file whose pid belongs to another program now, because PostgreSQL would refuse to
     * start. Blocks. The caller holds {@link HomeLock}.
     */
    void stopLeftover() throws IOException {
        if (find().isPresent()) {
            stop();
        } else if (Files.exists(pidFile) && handle().isPresent()) {
            Files.delete(pidFile);
        }
    }

    /**
     * A fast shutdown: sessions end, all data is written. Blocks until the server stops; kills it after 20 seconds (the
     * next start then recovers).
     */
    void stop() throws IOException {
        Optional<ProcessHandle> server = find();
        if (server.isEmpty()) {
            return;
        }
        // SIGINT is PostgreSQL's fast shutdown; ProcessHandle has SIGTERM only, which waits for clients without end
        new ProcessBuilder(
                        "sh",
                        "-c",
                        "kill -INT \"$1\"",
                        "sh",
                        Long.toString(server.get().pid()))
                .start();
        if (!awaitEnd(server.get())) {
            server.get().destroyForcibly();
        }
    }

    /** The running process, if it is the PostgreSQL of this home and not another program with a reused pid. */
    Optional<ProcessHandle> find() {
        return handle().filter(this::isOurs);
    }

    private boolean isOurs(ProcessHandle process) {
        return process.info()
                .command()
                .filter(command -> Path.of(command).startsWith(real(home.binaries())))
                .isPresent();
    }

    private Optional<ProcessHandle> handle() {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Does not use {@code isAlive}: a process that ended but was not reaped yet, as in some containers, still counts as
     * alive.
     */
    private boolean awaitEnd(ProcessHandle server) {
        long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
        while (isOurs(server)) {
            if (System.nanoTime() > deadline || !pause()) {
                return false;
            }
        }
        return true;
    }

    private static boolean pause() {
        try {
            Thread.sleep(20);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path;
        }
    }
}
