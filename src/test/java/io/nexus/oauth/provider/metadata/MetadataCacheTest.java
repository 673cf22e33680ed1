package io.nexus.oauth.provider.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.metadata.Discovery.Document;
import io.nexus.oauth.provider.metadata.MetadataCache.Place;
import io.nexus.oauth.provider.reply.ProviderException;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What tenants can make the service keep of issuers' metadata. */
class MetadataCacheTest {

    private static final Document DOCUMENT =
            new Document(Map.of("token_endpoint", "https://as.example/t"), false, null, null, null);

    private final MetadataCache cache = new MetadataCache(Providers.CLOCK);
    private final AtomicInteger fetches = new AtomicInteger();

    @Test
    void aNewIssuerOfATenantTakesThePlaceOfTheFormerOne() {
        read("other", "https://other.example");

        for (int i = 0; i < 2_000; i++) {
            read("hostile", "https://" + i + ".example");
        }

        assertThat(cache.size()).isEqualTo(2);
        assertThat(fetches.get()).isEqualTo(2_001);
        read("other", "https://other.example");
        read("hostile", "https://1999.example");
        assertThat(fetches.get()).as("both are still known").isEqualTo(2_001);
    }

    @Test
    void tenantsShareTheMetadataOfAnIssuer() {
        IntStream.range(0, 100).forEach(tenant -> read("tenant-" + tenant, "https://same.example"));

        assertThat(fetches.get()).isEqualTo(1);
    }

    @Test
    void theOperatorMayUseSeveralIssuersForOneProvider() {
        read(null, "https://one.example");
        read(null, "https://two.example");
        read(null, "https://one.example");

        assertThat(fetches.get()).isEqualTo(2);
    }

    @Test
    void allMetadataTogetherIsBounded() {
        Document large =
                new Document(Map.of("token_endpoint", "https://as.example/".repeat(100)), false, null, null, null);
        int fit = (int) (MetadataCache.MAX_WEIGHT / large.length());

        for (int i = 0; i < 2 * fit; i++) {
            String issuer = "https://" + i + ".example";
            cache.get(
                            Place.of("tenant-" + i, "oidc", issuer),
                            issuer,
                            () -> Uni.createFrom().item(large))
                    .await()
                    .indefinitely();
            if (i % 10 == 0) {
                read("in-use", "https://in-use.example");
            }
        }

        assertThat(cache.size()).isLessThan(fit);
        assertThat(fetches.get()).as("what is in use stays").isEqualTo(1);
    }

    @Test
    void aTenantHasFewRequestsInFlight() {
        List<CompletableFuture<Document>> slow = IntStream.range(0, MetadataCache.MAX_FETCHES_PER_TENANT)
                .mapToObj(i -> new CompletableFuture<Document>())
                .toList();
        slow.forEach(each -> fetch("hostile", slow.indexOf(each), each));

        assertThatThrownBy(() -> read("hostile", "https://one-more.example"))
                .isInstanceOfSatisfying(
                        ProviderException.Unavailable.class,
                        busy -> assertThat(busy.code()).isEqualTo("discovery_busy"));
        read("other", "https://one-more.example");

        slow.getFirst().completeExceptionally(new IllegalStateException("away"));
        read("hostile", "https://next.example");
        slow.forEach(each -> each.complete(DOCUMENT));
        read("hostile", "https://last.example");
        assertThat(fetches.get()).isEqualTo(3);
    }

    private void fetch(String tenant, int provider, CompletableFuture<Document> answer) {
        String issuer = "https://slow-" + provider + ".example";
        cache.get(
                        Place.of(tenant, "provider-" + provider, issuer),
                        issuer,
                        () -> Uni.createFrom().completionStage(answer))
                .subscribe()
                .with(document -> {}, failure -> {});
    }

    private void read(String tenant, String issuer) {
        cache.get(Place.of(tenant, "oidc", issuer), issuer, () -> {
                    fetches.incrementAndGet();
                    return Uni.createFrom().item(DOCUMENT);
                })
                .await()
                .indefinitely();
    }
}
