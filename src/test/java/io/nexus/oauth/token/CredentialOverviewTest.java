package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Overview;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CredentialOverviewTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @Inject
    CredentialOverview overview;

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");

    /** Nothing is counted while the table is locked, so everybody asks at the same time and it takes half a second. */
    @Test
    void whatIsDearIsCountedOnceAndRemembered() {
        String key = Api.key(tenant, "connector", "tenant-admin");
        Api.imported(key, Api.grant());
        AccessLimits github = AccessLimits.of(List.of(new AccessLimits.Part(Set.of("github"), null, null)));

        List<CompletableFuture<Overview>> asking = pool.withTransaction(connection -> connection
                        .query("LOCK TABLE oauth_credentials IN ACCESS EXCLUSIVE MODE")
                        .execute()
                        .map(ignored -> List.of(of(AccessLimits.ALL), of(AccessLimits.ALL), of(github)))
                        .onItem()
                        .delayIt()
                        .by(Duration.ofMillis(500)))
                .await()
                .atMost(LONG);
        Overview first = asking.getFirst().join();

        assertThat(first.providers()).hasSize(1);
        assertThat(asking.get(1).join()).isSameAs(first);
        assertThat(asking.get(2).join().providers()).isEmpty();
        Api.imported(key, Api.grant());
        assertThat(of(AccessLimits.ALL).join())
                .as("half a second is remembered for four and a half")
                .isSameAs(first);
    }

    private CompletableFuture<Overview> of(AccessLimits limits) {
        Uni<Overview> found = overview.of(new TenantId(tenant), limits);
        return found.subscribeAsCompletionStage();
    }
}
