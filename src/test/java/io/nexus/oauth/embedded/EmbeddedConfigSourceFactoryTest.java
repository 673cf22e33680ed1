package io.nexus.oauth.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedConfigSourceFactoryTest {

    @TempDir
    Path home;

    @Test
    void derivesTheUrlThatIsMissing() {
        assertThat(value(
                        given("quarkus.datasource.jdbc.url", "jdbc:postgresql://db/n"),
                        "quarkus.datasource.reactive.url"))
                .isEqualTo("postgresql://db/n");
        assertThat(value(given("quarkus.datasource.reactive.url", "postgresql://db/n"), "quarkus.datasource.jdbc.url"))
                .isEqualTo("jdbc:postgresql://db/n");
        assertThat(value(
                        given("quarkus.datasource.reactive.url[0]", "postgresql://db/n"),
                        "quarkus.datasource.jdbc.url"))
                .isEqualTo("jdbc:postgresql://db/n");
    }

    @Test
    void answersNothingElseWhenADatabaseIsConfigured() {
        assertThat(given("quarkus.datasource.jdbc.url", "jdbc:postgresql://db/n"))
                .hasSize(1);
        assertThat(given(
                        "quarkus.datasource.jdbc.url", "jdbc:postgresql://db/n",
                        "quarkus.datasource.reactive.url", "postgresql://db/n"))
                .isEmpty();
        assertThat(given("nexus.oauth.embedded.enabled", "false")).isEmpty();
    }

    @Test
    void namesTheSettingsOfLocalModeWithoutStartingOrMakingAnything() {
        assertThat(given())
                .containsKeys(
                        "quarkus.datasource.reactive.url",
                        "quarkus.datasource.jdbc.url",
                        "nexus.oauth.clients.sandbox.client-id",
                        "nexus.oauth.clients.sandbox.vars.base",
                        "nexus.oauth.encryption.key-files");
        assertThat(home).isDirectoryNotContaining(file -> !file.endsWith("lock") && !file.endsWith("pg"));
        assertThat(home.resolve("pg")).isEmptyDirectory();
    }

    @Test
    void bindsToThisMachineOnly() {
        assertThat(value(given(), "quarkus.http.host")).isEqualTo("127.0.0.1");
        assertThat(value(given(), "quarkus.management.host")).isEqualTo("127.0.0.1");
        assertThat(value(given(), "nexus.oauth.mode")).isEqualTo("local");
    }

    @Test
    void makesAKeyOnceAndNeverReplacesIt() throws Exception {
        Path key = Path.of(value(given(), "nexus.oauth.encryption.key-files"));
        assertThat(key).isEqualTo(home.resolve("encryption.key"));
        assertThat(Files.readString(key)).matches("[\\w-]{43}=\n");
        Files.writeString(key, "");

        assertThat(value(given(), "nexus.oauth.encryption.key-files")).isEqualTo(key.toString());
        assertThat(key).isEmptyFile();
    }

    @Test
    void makesNoKeyWhenOneIsGiven() {
        assertThat(given("NEXUS_OAUTH_ENCRYPTION_KEY", "k")).doesNotContainKey("nexus.oauth.encryption.key-files");
        assertThat(given("nexus.oauth.encryption.key", "k")).doesNotContainKey("nexus.oauth.encryption.key-files");
    }

    @Test
    void makesAnApiKeyAndASandboxSecretForTheOwnerOnly() throws Exception {
        Path key = Path.of(value(given(), "nexus.oauth.access.bootstrap-key-file"));
        assertThat(Files.readString(key)).matches("nxo_[\\w-]{43}\n");
        assertThat(Files.getPosixFilePermissions(key)).hasSize(2);
        assertThat(value(given(), "nexus.oauth.clients.sandbox.client-secret")).matches("[\\w-]{43}");
    }

    @Test
    void startsNoDatabaseInKubernetesUnlessToldTo() {
        assertThatThrownBy(() -> given("KUBERNETES_SERVICE_HOST", "10.0.0.1"))
                .hasMessageContaining("QUARKUS_DATASOURCE_REACTIVE_URL")
                .hasMessageContaining("nexus.oauth.embedded.enabled=true");
        assertThat(given("KUBERNETES_SERVICE_HOST", "10.0.0.1", "nexus.oauth.embedded.enabled", "true"))
                .containsKey("quarkus.datasource.jdbc.url");
    }

    @Test
    void refusesAUserWithoutAUrl() {
        assertThatThrownBy(() -> given("quarkus.datasource.username", "nexus")).hasMessageContaining("but no URL");
    }

    private static String value(Map<String, Supplier<String>> settings, String name) {
        return settings.get(name).get();
    }

    private Map<String, Supplier<String>> given(String... properties) {
        Map<String, String> configured = new HashMap<>(Map.of("nexus.oauth.home", home.toString()));
        for (int i = 0; i < properties.length; i += 2) {
            configured.put(properties[i], properties[i + 1]);
        }
        return EmbeddedConfigSourceFactory.settings(new Context(configured));
    }

    private record Context(Map<String, String> configured) implements ConfigSourceContext {
        @Override
        public ConfigValue getValue(String name) {
            return ConfigValue.builder()
                    .withName(name)
                    .withValue(configured.get(name))
                    .build();
        }

        @Override
        public Iterator<String> iterateNames() {
            return configured.keySet().iterator();
        }
    }
}
