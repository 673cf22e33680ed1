package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ConcurrencyGateTest {

    private static final Vertx VERTX = Vertx.vertx();

    private final ConcurrencyGate gate = new ConcurrencyGate(new CancellationShield(VERTX), 2);
    private final List<Integer> started = new ArrayList<>();
    private final List<CompletableFuture<Integer>> work = IntStream.range(0, 5)
            .mapToObj(i -> new CompletableFuture<Integer>())
            .toList();

    @AfterAll
    static void close() {
        VERTX.close();
    }

    @Test
    void admitsInTheOrderOfArrivalUpToItsLimit() {
        List<CompletableFuture<Integer>> results =
                IntStream.range(0, 5).mapToObj(this::enter).toList();
        assertThat(started).containsExactly(0, 1);

        work.get(1).complete(10);
        assertThat(started).containsExactly(0, 1, 2);
        work.get(0).complete(20);
        work.get(2).complete(30);
        assertThat(started).containsExactly(0, 1, 2, 3, 4);

        assertThat(results.subList(0, 3).stream().map(CompletableFuture::join)).containsExactly(20, 10, 30);
    }

    @Test
    void failureFreesThePlace() {
        List<CompletableFuture<Integer>> results =
                IntStream.range(0, 3).mapToObj(this::enter).toList();

        work.get(0).completeExceptionally(new IllegalStateException("no"));

        assertThat(started).containsExactly(0, 1, 2);
        assertThat(results.getFirst())
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withRootCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void workThatThrowsFreesThePlace() {
        CompletableFuture<Integer> failed = gate.<Integer>run(() -> {
                    throw new IllegalStateException("no");
                })
                .subscribeAsCompletionStage();
        assertThat(failed).isCompletedExceptionally();

        enter(0);
        enter(1);
        assertThat(started).containsExactly(0, 1);
    }

    @Test
    void cancelledSubscriberLeavesTheQueue() {
        enter(0);
        enter(1);
        enter(2).cancel(false);
        enter(3);
        assertThat(started).containsExactly(0, 1);

        work.get(0).complete(1);
        assertThat(started).containsExactly(0, 1, 3);
        work.get(3).complete(1);
        enter(4);
        assertThat(started).containsExactly(0, 1, 3, 4);
    }

    @Test
    void cancelledWorkFreesItsPlace() {
        CompletableFuture<Integer> first = enter(0);
        enter(1);
        enter(2);

        first.cancel(false);

        assertThat(started).containsExactly(0, 1, 2);
        enter(3);
        assertThat(started).containsExactly(0, 1, 2);
    }

    // a recursion for each would overflow the stack
    @Test
    void tenThousandThatEndAtOnce() {
        enter(0);
        enter(1);
        AtomicInteger ended = new AtomicInteger();
        for (int i = 0; i < 10_000; i++) {
            gate.run(() -> Uni.createFrom().item(ended.incrementAndGet()))
                    .subscribe()
                    .with(ignored -> {});
        }
        assertThat(ended).hasValue(0);

        work.get(0).complete(1);

        assertThat(ended).hasValue(10_000);
    }

    @Test
    void manyThreadsNeverExceedTheLimit() {
        ConcurrencyGate four = new ConcurrencyGate(new CancellationShield(VERTX), 4);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Integer>> results;
        try (ExecutorService threads = Executors.newFixedThreadPool(16);
                ExecutorService workers = Executors.newFixedThreadPool(8)) {
            Uni<Integer> measured = four.run(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                return Uni.createFrom()
                        .completionStage(CompletableFuture.supplyAsync(running::decrementAndGet, workers));
            });
            measured.await().indefinitely(); // context propagation cannot be set up by two threads at once
            results = IntStream.range(0, 2_000)
                    .mapToObj(i -> CompletableFuture.supplyAsync(measured::subscribeAsCompletionStage, threads)
                            .thenCompose(Function.identity()))
                    .toList();
            CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }

        assertThat(results).hasSize(2_000);
        assertThat(most.get()).isBetween(1, 4);
    }

    private CompletableFuture<Integer> enter(int number) {
        return gate.run(() -> {
                    started.add(number);
                    return Uni.createFrom().completionStage(work.get(number));
                })
                .subscribeAsCompletionStage();
    }
}
