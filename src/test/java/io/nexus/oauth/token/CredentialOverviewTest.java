package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Overview;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.execution.CancellationShield;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CredentialOverviewTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @Inject
    CredentialOverview overview;

    @Inject
    Pool pool;

    @Inject
    CancellationShield shield;

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

    /** The counts of the hostile tenant end together, after a while, and so are remembered for a while. */
    @Test
    void aTenantWithVeryManyCallersHasEachCountedAgainAndAnotherTenantOnceMoreAtMost() {
        CompletableFuture<Overview> slow = new CompletableFuture<>();
        AtomicInteger counts = new AtomicInteger();
        CredentialOverview own = new CredentialOverview(null, null, Clock.systemUTC(), shield) {
            @Override
            Uni<Overview> read(TenantId asked, AccessLimits limits) {
                counts.addAndGet(asked.value().equals(tenant) ? 1 : 0);
                return Uni.createFrom().completionStage(slow);
            }
        };
        List<CompletableFuture<Overview>> asking = IntStream.range(0, 20_000)
                .mapToObj(i -> ask(own, new TenantId("hostile"), only("user-" + i)))
                .toList();
        CompletableFuture<Overview> other = ask(own, new TenantId(tenant), AccessLimits.ALL);
        Awaitility.await().untilAtomic(counts, Matchers.equalTo(1)); // it runs on a context of its own

        slow.complete(new Overview(List.of(), List.of(), List.of()));

        assertThat(other).succeedsWithin(LONG);
        assertThat(asking).allSatisfy(each -> assertThat(each).succeedsWithin(LONG));
        assertThat(own.size()).isLessThanOrEqualTo(CredentialOverview.MAX_CACHED);
        assertThat(ask(own, new TenantId(tenant), AccessLimits.ALL)).succeedsWithin(LONG);
        assertThat(counts.get()).isBetween(1, 2);
    }

    private static AccessLimits only(String user) {
        return AccessLimits.of(List.of(new AccessLimits.Part(null, Set.of(user), null)));
    }

    private static CompletableFuture<Overview> ask(CredentialOverview overview, TenantId tenant, AccessLimits limits) {
        return overview.of(tenant, limits).subscribeAsCompletionStage();
    }

    private CompletableFuture<Overview> of(AccessLimits limits) {
        Uni<Overview> found = overview.of(new TenantId(tenant), limits);
        return found.subscribeAsCompletionStage();
    }
}
