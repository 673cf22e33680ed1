package io.nexus.oauth.embedded;

import io.quarkus.runtime.Application;
import java.io.IOException;
import java.time.Duration;

/**
 * Stops the server when the process ends, after the application: the pools have to be closed first, else their connections are
 * cut and what is still being written fails. Shutdown hooks run side by side, so this one waits for Quarkus' own.
 */
final class StopHook extends Thread {

    /** Longer than the application finishes what is under way. */
    private static final Duration APPLICATION_STOP_TIMEOUT = Duration.ofSeconds(75);

    private final ServerProcess server;

    StopHook(ServerProcess server) {
        super("nexus-oauth-database-stop");
        this.server = server;
    }

    @Override
    public void run() {
        awaitApplication();
        try {
            server.stop();
        } catch (IOException e) {
            System.err.println("The embedded PostgreSQL could not be stopped: " + e.getMessage());
        }
    }

    private static void awaitApplication() {
        long end = System.nanoTime() + APPLICATION_STOP_TIMEOUT.toNanos();
        try {
            while (Application.currentApplication() != null && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException | LinkageError e) {
            // Stop anyway: a data directory left without a clean stop would only have to recover.
        }
    }
}
