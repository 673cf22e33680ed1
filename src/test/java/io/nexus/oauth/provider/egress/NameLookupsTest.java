package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.provider.Providers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name server that does not answer holds up the tenant that chose it, and nobody else. */
class NameLookupsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final CountDownLatch nameServer = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong time = new AtomicLong();
    private final NameLookups<String> lookups = new NameLookups<>(
            Providers.VERTX.createSharedWorkerExecutor(UUID.randomUUID().toString(), NameLookups.THREADS), time::get);

    @AfterEach
    void answer() {
        nameServer.countDown();
    }

    @Test
    void aTenantWaitsForItsOwnLookups() {
        int most = NameLookups.THREADS_PER_TENANT + NameLookups.MAX_WAITING_PER_TENANT;
        List<Future<String>> slow =
                IntStream.range(0, most).mapToObj(i -> slow("hostile", "h" + i)).toList();

        Future<String> refused = slow("hostile", "one-too-many");
        assertThat(refused.failed()).isTrue();
        assertThat(refused.cause()).isInstanceOf(NameLookups.BusyException.class);
        for (String tenant : List.of("a", "b", "c")) {
            assertThat(lookups.run(tenant, tenant, () -> "found").toCompletionStage())
                    .succeedsWithin(SOON);
        }
        assertThat(lookups.run(null, "the operator's", () -> "found").toCompletionStage())
                .succeedsWithin(SOON);
        assertThat(slow).noneMatch(Future::isComplete);
        assertThat(lookups.size()).isEqualTo(most);

        nameServer.countDown();
        assertThat(slow).allSatisfy(each -> assertThat(each.toCompletionStage()).succeedsWithin(SOON));
        assertThat(asked.get()).isEqualTo(most);
        assertThat(lookups.size()).isZero();
    }

    @Test
    void aHostThatWaitsForAnotherTenantIsLookedUpAtOnce() {
        IntStream.range(0, NameLookups.THREADS_PER_TENANT).forEach(i -> slow("hostile", "h" + i));
        Future<String> waits = lookups.run("hostile", "shared", () -> "found");

        assertThat(lookups.run("other", "shared", () -> "found").toCompletionStage())
                .succeedsWithin(SOON);

        assertThat(waits.isComplete()).isFalse();
        nameServer.countDown();
        assertThat(waits.toCompletionStage()).succeedsWithin(SOON);
    }

    @Test
    void allThatWaitAreBounded() {
        List<Future<String>> all = new ArrayList<>();
        for (int tenant = 0; tenant < 100; tenant++) {
            for (int i = 0; i < 50; i++) {
                all.add(slow("tenant-" + tenant, tenant + "-" + i));
            }
        }

        assertThat(lookups.size()).isEqualTo(NameLookups.THREADS + NameLookups.MAX_WAITING);
        assertThat(all.stream().filter(Future::failed)).hasSize(all.size() - lookups.size());
    }

    /** Nobody waits for it any more. */
    @Test
    void whatWaitedTooLongIsNotLookedUp() {
        IntStream.range(0, NameLookups.THREADS_PER_TENANT).forEach(i -> slow("hostile", "h" + i));
        Awaitility.await().until(() -> asked.get() == NameLookups.THREADS_PER_TENANT);
        Future<String> late = slow("hostile", "late");

        time.addAndGet(Duration.ofSeconds(11).toNanos());
        nameServer.countDown();

        assertThat(late.toCompletionStage())
                .failsWithin(SOON)
                .withThrowableThat()
                .withCauseInstanceOf(NameLookups.BusyException.class);
        assertThat(asked.get()).isEqualTo(NameLookups.THREADS_PER_TENANT);
    }

    private Future<String> slow(String tenant, String host) {
        return lookups.run(tenant, host, () -> {
            asked.incrementAndGet();
            nameServer.await();
            return host;
        });
    }
}
