package io.nexus.oauth.embedded;

import io.quarkus.runtime.ExecutionMode;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Completes the configuration at start: with no database configured the settings of local mode, with one URL of two the other.
 * Being a source of configuration it comes before the pools and the migrations, in the jar, in dev mode and in tests alike.
 * Below everything an operator can set, above the framework's defaults.
 */
public final class EmbeddedConfigSourceFactory implements ConfigSourceFactory {

    private static final String REACTIVE = "quarkus.datasource.reactive.url";
    private static final String JDBC = "quarkus.datasource.jdbc.url";

    /**
     * Whether the service starts an embedded PostgreSQL when no database is configured. The default is {@code true}, in Kubernetes
     * {@code false}. Set {@code false} to make sure that it never does.
     */
    private static final String ENABLED = "nexus.oauth.embedded.enabled";

    /**
     * The directory of local mode: the embedded database, the generated keys and the grants of the sandbox. A leading {@code ~/} is
     * the home of the user. One process can use it at a time.
     */
    private static final String HOME = "nexus.oauth.home";

    /** For the service loader. */
    public EmbeddedConfigSourceFactory() {}

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        // Maven's build and JUnit's launcher read the configuration too (UNSET), and so does the training run of the
        // CDS archive.
        if (ExecutionMode.current() != ExecutionMode.RUNTIME_INIT || Boolean.getBoolean("quarkus.appcds.generate")) {
            return List.of();
        }
        return List.of(new Source(answers(context)));
    }

    static Map<String, Supplier<String>> answers(ConfigSourceContext context) {
        String reactive = first(context, REACTIVE, REACTIVE + "[0]");
        String jdbc = first(context, JDBC);
        if (reactive != null) {
            return jdbc != null ? Map.of() : Map.of(JDBC, () -> DatabaseUrl.toJdbc(reactive));
        }
        if (jdbc != null) {
            return Map.of(REACTIVE, () -> DatabaseUrl.toReactive(jdbc));
        }
        return "false".equals(first(context, ENABLED)) ? Map.of() : local(context);
    }

    private static Map<String, Supplier<String>> local(ConfigSourceContext context) {
        refuseWhereItWouldSurprise(context);
        boolean keyGiven = first(context, "NEXUS_OAUTH_ENCRYPTION_KEY", "nexus.oauth.encryption.key") != null;
        HomeDirectory home = HomeDirectory.of(first(context, HOME));
        HomeLock.hold(home); // here and not when a value is asked for: the refusal is printed as it stands, and once
        return LocalSettings.of(home, LaunchMode.current(), !keyGiven);
    }

    /** A forgotten URL must not end in a database inside a pod that is gone with it. */
    private static void refuseWhereItWouldSurprise(ConfigSourceContext context) {
        if (first(context, "quarkus.datasource.username", "quarkus.datasource.password") != null) {
            throw new ConfigurationException("A user or password of a database is configured, but no URL: set"
                    + " QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:5432/database), or remove both to run with the"
                    + " embedded database.");
        }
        if (first(context, "KUBERNETES_SERVICE_HOST") != null && !"true".equals(first(context, ENABLED))) {
            throw new ConfigurationException(
                    "No database is configured, and in Kubernetes the embedded one is not started"
                            + " by itself: set QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:5432/database),"
                            + " QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD, or say nexus.oauth.embedded.enabled=true.");
        }
    }

    private static @Nullable String first(ConfigSourceContext context, String... names) {
        return Stream.of(names)
                .map(context::getValue)
                .filter(value -> value != null && value.getValue() != null)
                .map(ConfigValue::getValue)
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse(null);
    }

    private record Source(Map<String, Supplier<String>> answers) implements ConfigSource {

        /** Names only: nothing is started or made by asking for them. */
        @Override
        public Set<String> getPropertyNames() {
            return answers.keySet();
        }

        @Override
        public @Nullable String getValue(String name) {
            Supplier<String> answer = answers.get(name);
            return answer == null ? null : answer.get();
        }

        @Override
        public String getName() {
            return "nexus-oauth-embedded";
        }

        @Override
        public int getOrdinal() {
            return 50;
        }
    }
}
