package io.nexus.oauth.embedded;

import io.quarkus.runtime.Application;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/** Says on the console that this is a local run with the embedded database, and how to take the first step. */
@Singleton
class LocalBanner {

    private static final long LOOK_AGAIN_MILLIS = 50;

    private static final String TOLD = "io.nexus.oauth.embedded.told";

    private final Config config;
    private final Vertx vertx;

    LocalBanner(Config config, Vertx vertx) {
        this.config = config;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        boolean local = "local".equals(value("nexus.oauth.mode"));
        boolean embedded = "nexus-oauth-embedded"
                .equals(config.getConfigValue("quarkus.datasource.reactive.url").getSourceName());
        if (local && embedded && LaunchMode.current() != LaunchMode.TEST) {
            vertx.setPeriodic(LOOK_AGAIN_MILLIS, this::printOnceStarted);
        }
    }

    /** The event comes before the framework's line with the address; people look for ours below it. */
    private void printOnceStarted(Long timer) {
        Application application = Application.currentApplication();
        if (application != null && application.isStarted()) {
            vertx.cancelTimer(timer);
            if (System.setProperty(TOLD, "true") == null) { // live reload starts the application again
                System.out.println(text());
            }
        }
    }

    private String text() {
        HomeDirectory home = HomeDirectory.of(value("nexus.oauth.home"));
        return """

                  Nexus OAuth runs in LOCAL MODE with the EMBEDDED database: reachable from this machine only.

                  page       %1$s
                  API key    %2$s
                  database   %3$s
                  try it     curl -H "Authorization: Bearer $(cat %2$s)" %1$s/api/v1/providers

                  Production needs a database: set QUARKUS_DATASOURCE_REACTIVE_URL, _USERNAME and _PASSWORD.
                """.formatted(
                        value("nexus.oauth.public-url"),
                        shellWord(value("nexus.oauth.access.bootstrap-key-file")),
                        home.data());
    }

    private static String shellWord(String path) {
        return path.matches("[\\w./~-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    private String value(String name) {
        return config.getOptionalValue(name, String.class).orElse("");
    }
}
