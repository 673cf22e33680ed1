package io.nexus.oauth.token.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.store.RefreshStore.ClientSlots;
import io.nexus.oauth.testing.SampleCredential;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClientLimitersTest {

    private final RefreshConfig config = (RefreshConfig) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {RefreshConfig.class}, (proxy, method, arguments) -> 4);
    private final ClientLimiters limiters = new ClientLimiters(
            new ClientRegistrations(null, null, null, new ConfiguredClients(Map::of, null, null, null), null, null) {
                @Override
                Uni<Boolean> isOwn(TenantId tenant, String provider) {
                    return Uni.createFrom().item(true);
                }
            },
            config,
            null);

    /** Ten thousand limiters are kept. A limiter that is displaced forgets its open circuit. */
    @Test
    void aTenantWithEverNewClientsDisplacesNobody() {
        ClientLimiter other = of("other", "google", "client");
        ClientLimiter own = of("hostile", "github", "client");

        for (int i = 0; i < 20_000; i++) {
            of("hostile", "google", "client-" + i);
        }

        assertThat(of("other", "google", "client")).isSameAs(other);
        assertThat(of("hostile", "github", "client")).isSameAs(own);
        assertThat(limiters.size()).isEqualTo(3);
    }

    /** Tenants with clients of their own may have thousands of limiters at one provider: their slots are not all taken at once. */
    @Test
    void aReservationIsBoundedAndNamesFullClientsOnly() {
        ClientLimiter full = of("full", "google", "client");
        full.reserve(ClientLimiter.FIRST_LIMIT);
        for (int i = 0; i < 1000; i++) {
            of("tenant-" + i, "google", "client");
            of("tenant-" + i, "github", "client");
        }

        SlotReservation reserved = limiters.reserve("google", 96);

        assertThat(reserved.size()).isEqualTo(96);
        assertThat(reserved.clients())
                .filteredOn(client -> client.free() == 0)
                .containsExactly(new ClientSlots("full", "client", 0));
        assertThat(limiters.reserve("github", 96).size()).isEqualTo(96);
        assertThat(limiters.reserve("elsewhere", 96).size()).isZero();
    }

    /** Else a tenant whose client has nothing due could not refresh while the slots of others are used. */
    @Test
    void slotsThatNoLeaseCanUseAreFreedAtOnce() {
        ClientLimiter used = of("used", "google", "client");
        ClientLimiter idle = of("idle", "google", "client");
        SlotReservation reserved = limiters.reserve("google", 96);
        assertThat(idle.reserve(1)).isEmpty();

        reserved.expect(List.of(lease("used"), lease("used")));

        assertThat(idle.reserve(100)).hasSize(ClientLimiter.UNPROVEN_LIMIT);
        assertThat(used.reserve(100)).hasSize(ClientLimiter.UNPROVEN_LIMIT - 2);
        assertThat(reserved.take(used)).isPresent();
        assertThat(reserved.size()).isEqualTo(1);
        reserved.skip();
        assertThat(reserved.size()).isZero();
        assertThat(used.reserve(100)).hasSize(1);
    }

    @Test
    void aDisplacedLimiterIsReservedNoMore() {
        for (int i = 0; i < 20_000; i++) {
            of("tenant-" + i, "provider-" + i, "client");
        }
        assertThat(limiters.size()).isLessThanOrEqualTo(10_000);

        long reserved = IntStream.range(0, 20_000)
                .filter(i -> limiters.reserve("provider-" + i, 96).size() > 0)
                .count();

        assertThat(reserved).isEqualTo(limiters.size());
    }

    private static RefreshLease lease(String tenant) {
        StoredCredential credential = SampleCredential.of(tenant, "alice", "client");
        return new RefreshLease(credential, UUID.randomUUID(), 1, 0, 1);
    }

    private ClientLimiter of(String tenant, String provider, String clientId) {
        return limiters.of(
                        new TenantId(tenant),
                        new ClientRegistration(provider, clientId, null, Scopes.NONE, null, Map.of()))
                .await()
                .indefinitely();
    }
}
