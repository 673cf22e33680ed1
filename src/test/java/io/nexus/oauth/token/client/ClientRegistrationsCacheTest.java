package io.nexus.oauth.token.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The OAuth clients in memory, or that there is none: one for each tenant and provider. */
class ClientRegistrationsCacheTest {

    private static final int MAX = 10_000;
    private static final TenantId OTHER = new TenantId("other");

    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger readsOfOther = new AtomicInteger();
    private final ClientRegistrations clients =
            new ClientRegistrations(null, null, null, new ConfiguredClients(Map::of, null, null, null), null, null) {
                @Override
                public Uni<Optional<SealedClient>> stored(TenantId tenant, String provider) {
                    (tenant.equals(OTHER) ? readsOfOther : reads).incrementAndGet();
                    return Uni.createFrom().item(Optional.empty());
                }
            };

    @Test
    void aTenantAtVeryManyProvidersIsReadAgainAndAnotherOnceMoreAtMost() {
        TenantId hostile = new TenantId("hostile");
        for (int i = 0; i < 2 * MAX; i++) {
            ask(hostile, "provider-" + i);
            if (i % 100 == 0) {
                ask(OTHER, "google");
            }
        }
        assertThat(reads).hasValue(2 * MAX);

        for (int i = 0; i < 2 * MAX; i++) {
            ask(hostile, "provider-" + i);
        }
        ask(OTHER, "google");

        assertThat(reads.get()).as("a hit for each that is kept").isGreaterThan(3 * MAX - 100);
        assertThat(readsOfOther.get()).isBetween(1, 2);
    }

    private void ask(TenantId tenant, String provider) {
        assertThat(clients.isRegistered(tenant, provider).await().indefinitely())
                .isFalse();
    }
}
