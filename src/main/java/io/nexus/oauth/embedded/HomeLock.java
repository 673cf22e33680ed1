package io.nexus.oauth.embedded;

import io.quarkus.runtime.configuration.ConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * One process per home directory. The lock is held until the process ends, so the system frees it even after kill -9. That it
 * is held is noted in a system property: live reload and tests load this class again, but in the process that holds it.
 */
final class HomeLock {

    private static final String HELD = "io.nexus.oauth.embedded.locked@";

    private static final Set<StandardOpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private HomeLock() {}

    /** Takes the lock for this process, or throws one sentence that says who has it and what to do. Callable again. */
    static void hold(HomeDirectory home) {
        synchronized (System.class) { // the one monitor that every class loader shares
            String key = HELD + home.path();
            if (System.getProperty(key) == null) {
                lock(home.create().file("lock"), home);
                System.setProperty(key, "true");
            }
        }
    }

    private static void lock(Path file, HomeDirectory home) {
        try {
            FileChannel channel = FileChannel.open(file, OPTIONS, OWNER_ONLY);
            if (channel.tryLock() == null) {
                channel.close();
                throw new ConfigurationException(
                        refusal(home, Files.readString(file).strip()));
            }
            channel.truncate(0)
                    .write(StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + "\n"));
            Runtime.getRuntime().addShutdownHook(new Keeper(channel));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + file, e);
        }
    }

    private static String refusal(HomeDirectory home, String pid) {
        return "The directory " + home.path() + " is in use by another Nexus OAuth (process " + pid
                + "): stop that one, or give this one its own directory with nexus.oauth.home, or configure a database"
                + " (quarkus.datasource.reactive.url, QUARKUS_DATASOURCE_REACTIVE_URL).";
    }

    /** Does nothing, but keeps the channel reachable: a collected channel is closed, and with it the lock is gone. */
    private static final class Keeper extends Thread {
        @SuppressWarnings({"unused", "UnusedVariable"})
        private final FileChannel channel;

        Keeper(FileChannel channel) {
            super("nexus-oauth-lock");
            this.channel = channel;
        }
    }
}
