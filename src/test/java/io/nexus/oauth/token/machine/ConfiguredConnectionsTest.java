package io.nexus.oauth.token.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.TenantNames;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The machine connections of the configuration. */
@QuarkusTest
class ConfiguredConnectionsTest extends TokenFixture {

    @Inject
    MachineConnections machines;

    @Inject
    ProviderClients clients;

    @Inject
    OidcClientTokens oidc;

    @Inject
    TenantNames names;

    @Inject
    CancellationShield shield;

    @BeforeEach
    @AfterEach
    void noTurnsAndNoTenants() {
        database.run("DELETE FROM configured_connections");
        database.run("DELETE FROM oauth_clients WHERE tenant_id LIKE '00-%'");
        database.run("DELETE FROM tenant_keys WHERE tenant_id LIKE '00-%'");
    }

    @Test
    void oneOfManyReplicasCreatesEach() {
        ConfiguredConnections one = configured(Map.of("scopes", "read,write", "resource", "urn:a,urn:b"));
        ConfiguredConnections another = configured(Map.of("scopes", "read,write", "resource", "urn:a,urn:b"));

        await(Uni.join().all(List.of(one.tick(), another.tick())).andFailFast());
        await(one.tick());

        assertThat(provider.machineRequests()).hasSize(1);
        StoredCredential stored = found().orElseThrow();
        assertThat(stored.request().scopes().values()).containsExactly("read", "write");
        assertThat(stored.request().resources()).containsExactly("urn:a", "urn:b");
        assertThat(stored.createdBy()).isEqualTo("configuration");
        assertThat(database.count("SELECT count(*) FROM configured_connections"))
                .isZero();
    }

    @Test
    void aChangedValueIsAppliedAndAnEqualOneAsksNobody() {
        await(configured(Map.of("scopes", "read")).tick());

        await(configured(Map.of("scopes", "read")).tick());
        assertThat(provider.machineRequests()).hasSize(1);
        await(configured(Map.of("scopes", "write")).tick());

        assertThat(provider.machineRequests()).hasSize(2);
        assertThat(found().orElseThrow().request().scopes().values()).containsExactly("write");
    }

    @Test
    void aFailureIsTriedAgainAfterAWhile() {
        ConfiguredConnections connections = configured(Map.of());
        provider.next("nightly", StrictProvider.error(400, "invalid_scope"));

        await(connections.tick());
        await(connections.tick());

        assertThat(found()).isEmpty();
        assertThat(provider.machineRequests()).hasSize(1);
        database.run("UPDATE configured_connections SET next_try_at = clock_timestamp()");
        await(connections.tick());
        assertThat(found()).isPresent();
    }

    @Test
    void theStartDoesNotWaitForAProviderThatIsAway() {
        provider.down(true);
        try {
            await(configured(Map.of()).tick());
        } finally {
            provider.down(false);
        }
        assertThat(found()).isEmpty();
        assertThat(database.count("SELECT count(*) FROM configured_connections"))
                .isOne();
    }

    @Test
    void aRevokedOneStaysRevokedAndOneThatIsRemovedStays() {
        ConfiguredConnections connections = configured(Map.of());
        await(connections.tick());
        await(tokens.revokeCredential(found().orElseThrow().key(), "bob"));

        await(connections.tick());

        assertThat(found().orElseThrow().revokedAt()).isNotNull();
        assertThat(provider.machineRequests()).hasSize(1);
    }

    @Test
    void whatCannotBeUsedIsLeftOut() {
        await(configured(Map.of("resource", "no-uri")).tick());
        await(configured(Map.of("grant-type", "password")).tick());
        await(configured(Map.of("provider", "unscoped", "scopes", "read")).tick());

        assertThat(provider.machineRequests()).isEmpty();
        await(configured(Map.of("provider", "unscoped")).tick());
        assertThat(provider.machineRequests()).hasSize(1);
    }

    @Test
    void eachTenantOfAClientOfTheExtensionHasItsOwn() {
        ConfiguredConnections connections = connections(Map.of("oidc-client", "configured", "tenant", "default,acme"));

        await(connections.tick());
        await(connections.tick());

        assertThat(provider.calls("configured")).hasSize(2);
        for (String tenant : List.of("default", "acme")) {
            StoredCredential stored = await(
                            tokens.findCredential(new AccountKey(TenantId.configured(tenant), "strict", "nightly-job")))
                    .orElseThrow();
            assertThat(stored.request().oidcClient()).isEqualTo("configured");
            assertThat(stored.request().scopes().values()).containsExactly("read", "write");
            assertThat(stored.request().audience()).isEqualTo("configured");
        }
    }

    /** There is no table of tenants: one begins with its first key, client or credential. */
    @Test
    void everyTenantGetsOneWhenItBegins() {
        ConfiguredConnections connections = connections(Map.of("oidc-client", "configured", "tenant", "*"));
        String first = tenant();
        String leaver = tenant();
        await(connections.tick());
        long version = of(first).orElseThrow().version();
        await(tokens.revokeCredential(of(leaver).orElseThrow().key(), "bob"));

        String second = tenant();
        await(connections.tick());
        await(connections(Map.of("oidc-client", "configured", "tenant", "*")).tick());

        assertThat(of(second).orElseThrow().clientId()).isEqualTo("quarkus.oidc-client.configured");
        assertThat(of(first).orElseThrow().version()).isEqualTo(version);
        assertThat(of(leaver).orElseThrow().revokedAt()).isNotNull();
    }

    @Test
    void aTenantThatFailsWaitsForItsTurnAndHoldsUpNoOther() {
        ConfiguredConnections connections = connections(Map.of("oidc-client", "configured", "tenant", "*"));
        List<String> two = List.of(tenant(), tenant());
        provider.next("configured", StrictProvider.error(400, "invalid_scope"));

        await(connections.tick());

        List<String> waiting = two.stream().filter(each -> of(each).isEmpty()).toList();
        assertThat(waiting).hasSize(1);
        assertThat(lacking()).doesNotContain(TenantId.configured(waiting.getFirst()));
        database.run("UPDATE configured_connections SET next_try_at = clock_timestamp()");
        assertThat(lacking()).contains(TenantId.configured(waiting.getFirst()));
    }

    @Test
    void theConnectionsThatTenantsHaveStayTheirs() {
        ConfiguredConnections connections = connections(Map.of("oidc-client", "configured", "tenant", "*"));
        AccountKey person = new AccountKey(TenantId.configured(tenant()), "strict", "nightly-job");
        store(person, grant("at", "rt", HOUR));
        String machine = tenant();
        await(machines.create(
                new AccountKey(TenantId.configured(machine), "strict", "nightly-job"),
                new TokenRequest(Scopes.NONE, "nightly", List.of()),
                AccessLimits.ALL,
                "ada",
                false));

        await(connections.tick());

        assertThat(await(tokens.findCredential(person)).orElseThrow().isMachine())
                .isFalse();
        assertThat(of(machine).orElseThrow().createdBy()).isEqualTo("ada");
        assertThat(lacking()).doesNotContain(person.tenant(), TenantId.configured(machine));
    }

    private List<TenantId> lacking() {
        return await(names.without(
                "strict",
                "nightly-job",
                oidc.request("configured").orElseThrow(),
                "nightly/",
                ConfiguredConnections.ACTOR,
                100));
    }

    /** A new tenant, which comes before those of other tests. */
    private String tenant() {
        String tenant = "00-" + UUID.randomUUID();
        database.run("INSERT INTO oauth_clients (tenant_id, provider, client_id, created_at, updated_at) VALUES ('"
                + tenant + "', 'orphan', 'c', clock_timestamp(), clock_timestamp())");
        return tenant;
    }

    private Optional<StoredCredential> of(String tenant) {
        return await(tokens.findCredential(new AccountKey(TenantId.configured(tenant), "strict", "nightly-job")));
    }

    @Test
    void aConnectionChangesToAClientOfTheExtension() {
        await(configured(Map.of()).tick());

        await(connections(Map.of("oidc-client", "configured")).tick());

        assertThat(found().orElseThrow().clientId()).isEqualTo("quarkus.oidc-client.configured");
        assertThat(provider.calls("configured")).hasSize(1);
    }

    @Test
    void aClientOfTheExtensionThatCannotBeUsedIsLeftOut() {
        await(connections(Map.of("oidc-client", "nobody")).tick());
        await(connections(Map.of("oidc-client", "off")).tick());
        await(configured(Map.of("oidc-client", "configured")).tick()); // with an audience beside it

        assertThat(provider.machineRequests()).isEmpty();
        assertThat(database.count("SELECT count(*) FROM configured_connections"))
                .isZero();
    }

    private Optional<StoredCredential> found() {
        return await(tokens.findCredential(account("strict", "nightly-job")));
    }

    private ConfiguredConnections configured(Map<String, String> values) {
        Map<String, String> settings = new HashMap<>(Map.of("audience", "nightly"));
        settings.putAll(values);
        return connections(settings);
    }

    private ConfiguredConnections connections(Map<String, String> values) {
        Map<String, String> settings = new HashMap<>();
        settings.put("nexus.oauth.connections.nightly.provider", "strict");
        settings.put("nexus.oauth.connections.nightly.user", "nightly-job");
        values.forEach((name, value) -> settings.put("nexus.oauth.connections.nightly." + name, value));
        ConnectionsConfig config = new SmallRyeConfigBuilder()
                .withMapping(ConnectionsConfig.class)
                .withDefaultValues(settings)
                .build()
                .getConfigMapping(ConnectionsConfig.class);
        return new ConfiguredConnections(config, machines, credentials, names, clients, oidc, shield);
    }
}
