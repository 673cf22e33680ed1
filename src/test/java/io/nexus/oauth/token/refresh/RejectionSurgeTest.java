package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.RefreshStore.SharedClient;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.SampleCredential;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.GrantEvents;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The successes of OAuth clients in memory. A tenant may register ever new clients. */
@QuarkusTest
class RejectionSurgeTest {

    @Inject
    RefreshStore refreshes;

    @Inject
    GrantEvents events;

    @Inject
    CancellationShield shield;

    @Test
    void aTenantWithEverNewClientsResetsNoSuccessesOfAnother() {
        ProviderClients each = new ProviderClients(null, null, null) {
            @Override
            public Uni<SharedClient> shared(StoredCredential credential) {
                String tenant = credential.key().tenant().value();
                return Uni.createFrom()
                        .item(new SharedClient("google", credential.clientId(), Map.of(), tenant, List.of()));
            }
        };
        RejectionSurge surge = new RejectionSurge(refreshes, each, events, shield);
        Instant start = events.now().minusSeconds(60);
        StoredCredential other = SampleCredential.of("other", "alice", "client");
        for (int i = 0; i < 2 * RejectionSurge.MAX_CLIENTS; i++) {
            surge.renewed(SampleCredential.of("hostile", "mallory", "client-" + i));
            if (i % 100 == 0) {
                surge.renewed(other);
            }
        }
        StoredCredential last = SampleCredential.of("last", "alice", "client");
        surge.renewed(last);
        Awaitility.await().until(() -> await(surge.hasRenewedSince(last, start)));

        assertThat(surge.size()).isLessThanOrEqualTo(RejectionSurge.MAX_CLIENTS);
        assertThat(await(surge.hasRenewedSince(other, start))).isTrue();
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
