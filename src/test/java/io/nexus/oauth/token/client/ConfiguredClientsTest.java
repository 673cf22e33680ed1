package io.nexus.oauth.token.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.assertion.ClientKeyTest;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.token.client.ClientKeyFiles.KeyFile;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.mutiny.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredClientsTest {

    private static final Vertx VERTX = Vertx.vertx();
    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    @TempDir
    Path files;

    @AfterAll
    static void stop() {
        VERTX.closeAndAwait();
    }

    @Test
    void aKeyFileIsReadAgain() throws IOException {
        Path file = Files.writeString(files.resolve("key"), ClientKeyTest.pem("rsa"));
        ConfiguredClients clients = clients(Map.of("private-key-file", file.toString()));

        Authentication first = found(clients).authentication();
        assertThat(first.method()).isEqualTo(ClientAuth.PRIVATE_KEY_JWT);
        assertThat(found(clients).authentication()).isEqualTo(first);
        Files.writeString(file, ClientKeyTest.pem("p256"));
        assertThat(found(clients).authentication().key()).isNotEqualTo(first.key());

        Files.writeString(file, ClientKeyTest.pem("rsa1024"));
        assertMisconfigured(clients, "client_key_invalid");
        Files.writeString(file, "x".repeat(64 * 1024 + 1));
        assertMisconfigured(clients, "client_key_unreadable");
        Files.delete(file);
        assertMisconfigured(clients, "client_key_unreadable");
    }

    /** As cert-manager renews both: for a moment one of them is new and the other is not. */
    @Test
    void aPairOfFilesIsReadAgainAndTheLastOneThatFitsIsKept() throws IOException {
        Path key = Files.writeString(files.resolve("tls.key"), ClientKeyTest.pem("rsa"));
        Path chain = Files.writeString(files.resolve("tls.crt"), ClientKeyTest.pem("certificate-next"));
        ConfiguredClients clients = clients(Map.of(
                "token-endpoint-auth-method",
                "tls_client_auth",
                "private-key-file",
                key.toString(),
                "certificate-file",
                chain.toString()));
        Authentication first = found(clients).authentication();
        assertThat(first.method()).isEqualTo(ClientAuth.TLS_CLIENT_AUTH);

        Files.writeString(key, ClientKeyTest.pem("p256"));
        assertThat(found(clients).authentication()).isEqualTo(first);
        Files.delete(chain);
        assertThat(found(clients).authentication()).isEqualTo(first);
        Files.writeString(key, ClientKeyTest.pem("rsa"));
        Files.writeString(chain, ClientKeyTest.pem("certificate-next") + ClientKeyTest.pem("certificate-next"));
        assertThat(found(clients).authentication()).isNotEqualTo(first);
        Files.writeString(chain, ClientKeyTest.pem("certificate-ended"));
        assertThat(found(clients).authentication()).as("not the one that ended").isNotEqualTo(first);
    }

    /** A pair that never fitted is not used, and the last one only until its certificate ends. */
    @Test
    void aPairThatDoesNotFitIsMisconfigured() throws IOException {
        Path key = Files.writeString(files.resolve("tls.key"), ClientKeyTest.pem("p256"));
        Path chain = Files.writeString(files.resolve("tls.crt"), ClientKeyTest.pem("certificate-next"));
        KeyFile pair = new KeyFile(key, Optional.of(chain), Optional.empty());
        ClientKeyFiles reader = new ClientKeyFiles();
        assertThatThrownBy(() -> reader.read(pair, null, NOW)).hasMessageContaining("does not belong");

        Files.writeString(key, ClientKeyTest.pem("rsa"));
        reader.read(pair, null, NOW);
        Files.delete(key);
        assertThat(reader.read(pair, null, NOW)).isNotNull();
        assertThatThrownBy(() -> reader.read(pair, null, Instant.parse("2200-01-01T00:00:00Z")))
                .hasMessageContaining("cannot be read");
    }

    /** As the kubelet renews the token of a pod. */
    @Test
    void anAssertionFileIsReadAgain() throws IOException {
        Path file = Files.writeString(files.resolve("token"), jwt(NOW.plusSeconds(1)) + "\n");
        ConfiguredClients clients = clients(Map.of("client-assertion-file", file.toString()));

        assertThat(found(clients).authentication().assertion().reveal()).isEqualTo(jwt(NOW.plusSeconds(1)));
        assertThat(found(clients).authentication().method()).isEqualTo(ClientAuth.PRIVATE_KEY_JWT);
        Files.writeString(file, jwt(NOW.plusSeconds(2)));
        assertThat(found(clients).authentication().assertion().reveal()).isEqualTo(jwt(NOW.plusSeconds(2)));

        Map<String, String> wrong = Map.of(
                jwt(NOW),
                "client_assertion_expired",
                "no token",
                "client_assertion_invalid",
                "a.%%.c",
                "client_assertion_invalid",
                "x".repeat(64 * 1024 + 1),
                "client_assertion_unreadable");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            Files.writeString(file, each.getKey());
            assertMisconfigured(clients, each.getValue());
        }
        Files.delete(file);
        assertMisconfigured(clients, "client_assertion_unreadable");
    }

    @Test
    void anUnknownMethodIsMisconfigured() {
        assertMisconfigured(
                clients(Map.of("token-endpoint-auth-method", "tls_client")), "client_authentication_invalid");
    }

    private static ConfiguredClients clients(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(
                Map.of("nexus.oauth.clients.it.provider", "strict", "nexus.oauth.clients.it.client-id", "mine"));
        settings.forEach((key, value) -> all.put("nexus.oauth.clients.it." + key, value));
        ClientsConfig config = new SmallRyeConfigBuilder()
                .withMapping(ClientsConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(ClientsConfig.class);
        return new ConfiguredClients(config, NoOidcClients.tokens(), () -> NOW, VERTX);
    }

    private static ClientRegistration found(ConfiguredClients clients) {
        return clients.find(TenantId.DEFAULT, "strict").await().indefinitely().orElseThrow();
    }

    private static void assertMisconfigured(ConfiguredClients clients, String code) {
        assertThatThrownBy(() -> found(clients))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private static String jwt(Instant end) {
        return "e30."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(("{\"exp\":" + end.getEpochSecond() + "}").getBytes(UTF_8))
                + ".c2ln";
    }
}
