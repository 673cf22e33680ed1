package io.nexus.oauth.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The server process of a home directory, found by {@code postmaster.pid}: ours, or one left by a process that was killed.
 * Uses the JDK only, so that it still works in a shutdown hook whose class loader was closed by live reload.
 */
final class ServerProcess {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HomeDirectory home;
    private final Path pidFile;

    ServerProcess(HomeDirectory home) {
        this.home = home;
        this.pidFile = home.data().resolve("postmaster.pid");
    }

    /**
     * Before a start: stops a server that outlived its owner. Its data is complete then, nothing has to be recovered, and the new
     * one runs with today's settings. A pid that another program has by now is no server of ours; PostgreSQL would refuse to
     * start because of it, so the file goes. The caller holds {@link HomeLock}.
     */
    void clear() throws IOException {
        if (find().isPresent()) {
            stop();
        } else if (Files.exists(pidFile) && handle().isPresent()) {
            Files.delete(pidFile);
        }
    }

    /** Fast shutdown: sessions end, all is written. Returns when it is down; kills it after twenty seconds (it then recovers). */
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

    /** The live process, when it is a PostgreSQL of this home and not some other program with a reused pid. */
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

    /** Not by {@code isAlive}: a process that has ended but was not reaped yet, as in some containers, still counts as alive. */
    private boolean awaitEnd(ProcessHandle server) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isOurs(server)) {
            if (System.nanoTime() > deadline || !paused()) {
                return false;
            }
        }
        return true;
    }

    private static boolean paused() {
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
