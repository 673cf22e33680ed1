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
 * Completes the configuration at the start. Without a database it supplies the settings of local mode; with one of the
 * two database URLs it derives the other. As a configuration source it runs before the pools and the migrations, in the
 * jar, in dev mode and in tests. Its values rank below the operator's and above the framework's defaults.
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
        // The framework would answer an empty 400 to characters that browsers do not escape. AdmissionFilter escapes
        // them.
        System.setProperty("vertx.disableURIValidation", "true");
        // Maven's build and JUnit's launcher read the configuration too (UNSET), and so does the training run of the
        // CDS archive.
        if (ExecutionMode.current() != ExecutionMode.RUNTIME_INIT || Boolean.getBoolean("quarkus.appcds.generate")) {
            return List.of();
        }
        return List.of(new Source(settings(context)));
    }

    static Map<String, Supplier<String>> settings(ConfigSourceContext context) {
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
        requireExplicitChoice(context);
        boolean keyGiven = first(context, "NEXUS_OAUTH_ENCRYPTION_KEY", "nexus.oauth.encryption.key") != null;
        HomeDirectory home = HomeDirectory.of(first(context, HOME));
        HomeLock.hold(home); // here and not when a value is asked for: the refusal is printed as it stands, and once
        return LocalSettings.of(home, LaunchMode.current(), !keyGiven);
    }

    /** A forgotten URL must not lead to a database inside a pod, which is lost with the pod. */
    private static void requireExplicitChoice(ConfigSourceContext context) {
        if (first(context, "quarkus.datasource.username", "quarkus.datasource.password") != null) {
            throw new ConfigurationException("A user or password of a database is configured, but no URL: set"
                    + " QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:5432/database), or remove both to run with the"
                    + " embedded database.");
        }
        if (first(context, "KUBERNETES_SERVICE_HOST") != null && !"true".equals(first(context, ENABLED))) {
            throw new ConfigurationException(
                    "No database is configured, and in Kubernetes the service does not start the embedded one"
                            + " by default: set QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:5432/database),"
                            + " QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD,"
                            + " or set nexus.oauth.embedded.enabled=true.");
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

    private record Source(Map<String, Supplier<String>> settings) implements ConfigSource {

        /** The names only; asking for them starts no server and creates no file. */
        @Override
        public Set<String> getPropertyNames() {
            return settings.keySet();
        }

        @Override
        public @Nullable String getValue(String name) {
            Supplier<String> answer = settings.get(name);
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
