package io.nexus.oauth.token.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.ClientStore;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ClientRegistrationsTest extends TokenFixture {

    @Inject
    ClientRegistrations clients;

    @Inject
    ClientStore store;

    @Inject
    SecretSealer sealer;

    @Inject
    TenantKeyLoader tenants;

    @Inject
    ClientsConfig config;

    @Inject
    Clock clock;

    @Inject
    Vertx vertx;

    /** The cache is per tenant, so each test has a tenant of its own. */
    private final TenantId tenant = new TenantId("t-" + UUID.randomUUID());

    @Test
    void findsWhatIsConfigured() {
        ClientRegistration found = find("strict").orElseThrow();

        assertThat(found.clientId()).isEqualTo(StrictProvider.CLIENT);
        assertThat(found.clientSecret()).isEqualTo(Secret.of(StrictProvider.SECRET));
        assertThat(found.scopes()).isEqualTo(Scopes.NONE);
    }

    @Test
    void readsTheSecretFromItsFile() throws IOException {
        assertThat(find("steady").orElseThrow().clientSecret()).isEqualTo(Secret.of(StrictProvider.SECRET));

        Files.writeString(StrictProviderResource.secretFile(), "another\n");

        assertThat(find("steady").orElseThrow().clientSecret()).isEqualTo(Secret.of("another"));
    }

    @Test
    void emptySecretFileMeansAPublicClient() throws IOException {
        Files.writeString(StrictProviderResource.secretFile(), "\n");

        assertThat(find("steady").orElseThrow().clientSecret()).isNull();
    }

    @Test
    void configurationForTheTenantWins() {
        ClientRegistration found =
                await(clients.find(new TenantId("acme"), "steady")).orElseThrow();

        assertThat(found.clientId()).isEqualTo("acme-client");
        assertThat(found.clientSecret()).isNull();
        assertThat(found.scopes()).isEqualTo(Scopes.of(List.of("read", "write")));
    }

    @Test
    void registrationByRestWinsOverConfiguration() {
        assertThat(find("strict").orElseThrow().clientId()).isEqualTo(StrictProvider.CLIENT);

        save("mine", "my secret");

        assertThat(find("strict").orElseThrow().clientId()).isEqualTo("mine");
        assertThat(find("strict").orElseThrow().clientSecret()).isEqualTo(Secret.of("my secret"));
        assertThat(find("strict").orElseThrow().vars()).isEqualTo(Map.of("host", "x.example"));
        assertThat(await(clients.find(new TenantId("another"), "strict"))
                        .orElseThrow()
                        .clientId())
                .isEqualTo(StrictProvider.CLIENT);
        assertThat(database.one("SELECT encrypted_client_secret FROM oauth_clients"))
                .doesNotContain("my secret");
    }

    @Test
    void keptSecretIsNotLedToAnotherServer() {
        save("mine", "my secret");

        for (Secret second : Arrays.asList(null, Secret.of("a second one"))) {
            assertThatThrownBy(() -> saveAt("evil.example", null, second))
                    .isInstanceOf(CredentialException.Conflict.class)
                    .hasMessageContaining("client_secret");
        }
        assertThat(find("strict").orElseThrow().vars()).isEqualTo(Map.of("host", "x.example"));
        assertThat(find("strict").orElseThrow().clientSecret()).isEqualTo(Secret.of("my secret"));

        saveAt("y.example", Secret.of("given anew"), null);
        assertThat(find("strict").orElseThrow().vars()).isEqualTo(Map.of("host", "y.example"));
        assertThat(find("strict").orElseThrow().clientSecret()).isEqualTo(Secret.of("given anew"));
    }

    @Test
    void publicClientTakesOtherVariables() {
        save("mine", null);

        saveAt("y.example", null, null);

        assertThat(find("strict").orElseThrow().vars()).isEqualTo(Map.of("host", "y.example"));
    }

    /** A writer to the database cannot redirect the secret to another host. */
    @Test
    void secretDoesNotOpenBesideOtherVariables() {
        onContext(() -> clients.save(
                tenant,
                new ClientRegistration("strict", "mine", Secret.of("my secret"), Scopes.NONE, null, Map.of()),
                "tester"));
        for (String vars : List.of("{\"host\":\"evil.example\"}", "{\"host\":\"\"}")) {
            database.run("UPDATE oauth_clients SET vars = '" + vars + "'");
            assertThatThrownBy(() -> await(forgetful().find(tenant, "strict")))
                    .isInstanceOf(CryptoException.Tampered.class);
        }
        save("mine", "my secret");
        for (String vars : List.of("{\"host\":\"evil.example\"}", "{}", "{\"hos\":\"tx.example\"}")) {
            database.run("UPDATE oauth_clients SET vars = '" + vars + "'");
            assertThatThrownBy(() -> await(forgetful().find(tenant, "strict")))
                    .isInstanceOf(CryptoException.Tampered.class);
        }
        database.run("UPDATE oauth_clients SET vars = '{ \"host\": \"x.example\" }'");
        assertThat(await(forgetful().find(tenant, "strict")).orElseThrow().clientSecret())
                .isEqualTo(Secret.of("my secret"));
    }

    @Test
    void grantGoesWithItsClientAndItsVariablesOnly() {
        save("mine", "my secret");
        Map<String, String> same = Map.of("host", "x.example");

        assertThat(await(clients.get(tenant, "strict", "mine", same)).clientId())
                .isEqualTo("mine");
        assertThat(await(clients.get(tenant, "strict", null, same)).clientId()).isEqualTo("mine");
        for (Uni<ClientRegistration> refused : List.of(
                clients.get(tenant, "strict", "mine", Map.of()),
                clients.get(tenant, "strict", "mine", Map.of("host", "y.example")),
                clients.get(tenant, "strict", "another", same),
                clients.get(tenant, "strict", null, Map.of()))) {
            assertThatThrownBy(() -> await(refused))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            e -> assertThat(e.code()).isEqualTo("client_changed"))
                    .hasMessageContaining("connect the account again");
        }
    }

    @Test
    void secondSecretIsSealedForItsOwnPlace() {
        SealedClient saved = await(tokens.registerProvider(
                tenant,
                new ClientRegistration(
                        "strict", "mine", Secret.of("one"), Secret.of("two"), Scopes.NONE, null, Map.of()),
                "tester"));

        assertThat(find("strict").orElseThrow().clientSecret()).isEqualTo(Secret.of("one"));
        assertThat(find("strict").orElseThrow().secondSecret()).isEqualTo(Secret.of("two"));
        assertThat(database.one("SELECT encrypted_second_secret FROM oauth_clients"))
                .isEqualTo(saved.secondSecret().text())
                .doesNotContain("two");
        // it does not open in the place of the first
        database.run("UPDATE oauth_clients SET encrypted_client_secret = encrypted_second_secret");
        assertThatThrownBy(() -> await(forgetful().find(tenant, "strict"))).isInstanceOf(CryptoException.class);
    }

    @Test
    void secondSecretByConfigurationMayBeInAFile() {
        assertThat(find("strict").orElseThrow().secondSecret()).isNull();
        assertThat(find("steady").orElseThrow().secondSecret()).isEqualTo(Secret.of(StrictProvider.SECRET));
        assertThat(find("graceful").orElseThrow().secondSecret()).isEqualTo(Secret.of("not the right one"));
    }

    @Test
    void removingItBringsTheConfigurationBack() {
        save("mine", "my secret");
        assertThat(find("strict").orElseThrow().clientId()).isEqualTo("mine");

        assertThat(onContext(() -> clients.remove(tenant, "strict", "tester"))).isTrue();

        assertThat(find("strict").orElseThrow().clientId()).isEqualTo(StrictProvider.CLIENT);
        assertThat(onContext(() -> clients.remove(tenant, "strict", "tester"))).isFalse();
    }

    @Test
    void registrationWithoutSecretKeepsTheStoredOneOfTheSameClient() {
        SealedClient first = save("mine", "my secret");

        SealedClient second = save("mine", null);

        assertThat(second.clientSecret()).isEqualTo(first.clientSecret());
        assertThat(second.createdAt())
                .isCloseTo(first.createdAt(), within(1, ChronoUnit.MICROS)); // as the database rounds it
        assertThat(second.updatedAt()).isAfter(first.updatedAt());
        assertThat(save("another", null).clientSecret()).isNull();
        assertThat(find("strict").orElseThrow().clientSecret()).isNull();
    }

    @Test
    void listsWhatWasRegistered() {
        save("mine", "my secret");

        assertThat(onContext(() -> clients.all(tenant)))
                .singleElement()
                .satisfies(client -> assertThat(client.clientId()).isEqualTo("mine"));
        assertThat(await(clients.stored(tenant, "strict"))).isPresent();
        assertThat(await(clients.stored(tenant, "steady"))).isEmpty();
    }

    @Test
    void missingRegistrationIsOursToFix() {
        assertThat(find("orphan")).isEmpty();
        assertThatThrownBy(() -> await(clients.get(tenant, "orphan")))
                .isInstanceOfSatisfying(ProviderException.Misconfigured.class, e -> {
                    assertThat(e.code()).isEqualTo("client_not_registered");
                    assertThat(e.provider()).isEqualTo("orphan");
                });
    }

    private Optional<ClientRegistration> find(String provider) {
        return await(clients.find(tenant, provider));
    }

    private SealedClient save(String clientId, String secret) {
        return await(tokens.registerProvider(
                tenant,
                new ClientRegistration(
                        "strict",
                        clientId,
                        secret == null ? null : Secret.of(secret),
                        Scopes.NONE,
                        null,
                        Map.of("host", "x.example")),
                "tester"));
    }

    private void saveAt(String host, @Nullable Secret first, @Nullable Secret second) {
        var registration =
                new ClientRegistration("strict", "mine", first, second, Scopes.NONE, null, Map.of("host", host));
        await(tokens.registerProvider(tenant, registration, "tester"));
    }

    /** Runs calls that read the database. */
    private ClientRegistrations forgetful() {
        return new ClientRegistrations(
                store,
                sealer,
                tenants,
                new ConfiguredClients(config, NoOidcClients.tokens(), clock, vertx),
                new ClientKeys(store, sealer, tenants, vertx),
                clock);
    }

    private static <T> T onContext(Supplier<Uni<T>> work) {
        try {
            return VertxContextSupport.subscribeAndAwait(work);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
