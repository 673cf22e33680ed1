package io.nexus.oauth.embedded;

import io.quarkus.runtime.Application;
import java.io.IOException;
import java.time.Duration;

/**
 * Stops the server when the process ends, after the application: the pools must close first, or writes in progress
 * fail. Shutdown hooks run concurrently, so this one waits for that of Quarkus.
 */
final class StopHook extends Thread {

    /** Longer than the application takes to finish its running work. */
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
        Application application = Application.currentApplication();
        if (application == null) {
            return;
        }
        // it also ends after a start that failed, when the application stays the current one
        Thread end = new Thread(application::awaitShutdown, "nexus-oauth-application-end");
        end.setDaemon(true);
        try {
            end.start();
            end.join(APPLICATION_STOP_TIMEOUT);
        } catch (InterruptedException | LinkageError e) {
            // stop anyway: without a clean stop the next start only has to recover
        }
    }
}
