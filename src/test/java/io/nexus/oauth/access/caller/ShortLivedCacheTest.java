package io.nexus.oauth.access.caller;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ShortLivedCacheTest {

    private final AtomicLong now = new AtomicLong(-5);
    private final ShortLivedCache<String, String> recent = new ShortLivedCache<>(10, now::get);

    @Test
    void anAnswerIsRememberedForTenSecondsFromTheAsking() {
        CompletableFuture<String> slow = new CompletableFuture<>();
        CompletableFuture<String> asked = ask(slow);
        now.addAndGet(Duration.ofSeconds(4).toNanos());

        slow.complete("granted");

        assertThat(asked).isCompletedWithValue("granted");
        now.addAndGet(Duration.ofSeconds(6).toNanos() - 1);
        assertThat(recent.get("a")).contains("granted");
        now.incrementAndGet();
        assertThat(recent.get("a")).isEmpty();
    }

    @Test
    void anAnswerFromBeforeAChangeIsNotRememberedAfterIt() {
        CompletableFuture<String> slow = new CompletableFuture<>();
        CompletableFuture<String> asked = ask(slow);

        recent.invalidate("a");
        slow.complete("granted");

        assertThat(asked).isCompletedWithValue("granted");
        assertThat(recent.get("a")).isEmpty();
        ask(CompletableFuture.completedFuture("revoked"));
        assertThat(recent.get("a")).contains("revoked");
    }

    @Test
    void aFailureIsNotRemembered() {
        assertThat(ask(CompletableFuture.failedFuture(new IllegalStateException())))
                .isCompletedExceptionally();

        assertThat(recent.get("a")).isEmpty();
    }

    /** As many as of API keys and of page sessions. Somebody without any credential can send as many secrets as he likes. */
    @Test
    void strangeSecretsAreForgottenAndThoseInUseAreReadOnceMoreAtMost() {
        ShortLivedCache<String, Integer> many = new ShortLivedCache<>(10_000, now::get);
        AtomicInteger reads = new AtomicInteger();
        for (int i = 0; i < 30_000; i++) {
            String strange = "strange-" + i;
            many.read(strange, () -> Uni.createFrom().item(0)).await().indefinitely();
            if (i % 100 == 0) {
                assertThat(find(many, "in use", reads)).isEqualTo(1);
            }
        }

        assertThat(many.size()).isLessThanOrEqualTo(10_000);
        assertThat(find(many, "in use", reads)).isEqualTo(1);
        assertThat(reads.get()).isBetween(1, 2);
    }

    private static int find(ShortLivedCache<String, Integer> cache, String key, AtomicInteger reads) {
        return cache.get(key)
                .orElseGet(() -> cache.read(
                                key,
                                () -> Uni.createFrom().item(() -> {
                                    reads.incrementAndGet();
                                    return 1;
                                }))
                        .await()
                        .indefinitely());
    }

    private CompletableFuture<String> ask(CompletableFuture<String> answer) {
        return recent.read("a", () -> Uni.createFrom().completionStage(answer)).subscribeAsCompletionStage();
    }
}
