package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.store.execution.CancellationShield;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SingleFlightTest {

    private static final Vertx VERTX = Vertx.vertx();
    private static final Duration SOON = Duration.ofSeconds(10);

    private final CancellationShield shield = new CancellationShield(VERTX);
    private final SingleFlight<String, String> flights = new SingleFlight<>(shield, 3);
    private final CompletableFuture<String> result = new CompletableFuture<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final Supplier<Uni<String>> work = () -> {
        begun.incrementAndGet();
        return Uni.createFrom().completionStage(result);
    };

    /** Mutiny looks up its context provider at the first use, which two threads must not do at once. */
    @BeforeAll
    static void warmUp() {
        Uni.createFrom().item("warm").subscribeAsCompletionStage().join();
    }

    @AfterAll
    static void close() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    /** A response in flight may be the only one of a grant, so the process waits for it. */
    @Test
    void stoppingWaitsForWhatIsInTheAir() throws Exception {
        CompletableFuture<String> landed = join();
        Awaitility.await().until(() -> begun.get() == 1);

        CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> {
            try {
                shield.drain(new ShutdownEvent());
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        Awaitility.await().until(shield::isStopping);
        assertThatThrownBy(() -> stopping.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);

        result.complete("done");

        assertThat(stopping).succeedsWithin(SOON);
        assertThat(landed).succeedsWithin(SOON).isEqualTo("done");
    }

    @Test
    void oneFlightForAllWhoAskAtOnce() {
        List<CompletableFuture<String>> waiting =
                Stream.generate(this::join).limit(3).toList();

        result.complete("done");

        assertThat(waiting)
                .allSatisfy(each -> assertThat(each).succeedsWithin(SOON).isEqualTo("done"));
        assertThat(begun).hasValue(1);
        assertThat(flights.size()).isZero();
    }

    @Test
    void keysHaveFlightsOfTheirOwn() {
        var one = flights.join("one", () -> Uni.createFrom().item("1")).orElseThrow();
        var two = flights.join("two", () -> Uni.createFrom().item("2")).orElseThrow();

        assertThat(one.await().atMost(SOON)).isEqualTo("1");
        assertThat(two.await().atMost(SOON)).isEqualTo("2");
    }

    @Test
    void fullFlightTakesNobody() {
        List<CompletableFuture<String>> waiting =
                Stream.generate(this::join).limit(3).toList();

        assertThat(flights.join("key", work)).isEmpty();
        assertThat(flights.join("key", work)).isEmpty();

        result.complete("done");
        assertThat(waiting).allSatisfy(each -> assertThat(each).succeedsWithin(SOON));
        assertThat(begun).hasValue(1);
    }

    @Test
    void whoLeavesMakesRoomAndCancelsNothing() {
        var leaving = flights.join("key", work).orElseThrow().subscribe().with(value -> {});
        join();
        CompletableFuture<String> staying = join();
        assertThat(flights.join("key", work)).isEmpty();

        leaving.cancel();

        Optional<Uni<String>> late = flights.join("key", work);
        assertThat(late).isPresent();
        result.complete("done");
        assertThat(staying).succeedsWithin(SOON).isEqualTo("done");
        assertThat(late.get().await().atMost(SOON)).isEqualTo("done");
        assertThat(begun).hasValue(1);
    }

    @Test
    void failureIsToldToAllAndNotRemembered() {
        CompletableFuture<String> one = join();
        CompletableFuture<String> two = join();

        result.completeExceptionally(new IllegalStateException("no"));

        assertThat(one).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(IllegalStateException.class);
        assertThat(two).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(IllegalStateException.class);
        assertThat(flights.size()).isZero();
        assertThat(flights.join("key", () -> Uni.createFrom().item("well"))
                        .orElseThrow()
                        .await()
                        .atMost(SOON))
                .isEqualTo("well");
    }

    @Test
    void workThatCannotBeginIsAFailure() {
        var uni = flights.join("key", () -> {
                    throw new IllegalStateException("no");
                })
                .orElseThrow();

        assertThatThrownBy(() -> uni.await().atMost(SOON)).isInstanceOf(IllegalStateException.class);
        assertThat(flights.size()).isZero();
    }

    @Test
    void nextFlightBeginsWhenTheLastHasLanded() {
        join();
        result.complete("old");
        Awaitility.await().until(() -> flights.size() == 0);

        Uni<String> next =
                flights.join("key", () -> Uni.createFrom().item("new")).orElseThrow();

        assertThat(next.await().atMost(SOON)).isEqualTo("new");
    }

    /** A caller that asks again after a result must never get the old one. */
    @Test
    void flightHasLandedWhenItsResultIsKnown() {
        CompletableFuture<Integer> sizeSeen = new CompletableFuture<>();
        var unused = flights.begin("key", work).result.thenAccept(value -> sizeSeen.complete(flights.size()));

        result.complete("done");

        assertThat(sizeSeen).succeedsWithin(SOON).isEqualTo(0);
    }

    @Test
    void beginningTwiceIsOneFlight() {
        var first = flights.begin("key", work);
        var second = flights.begin("key", work);

        assertThat(second).isSameAs(first);
        result.complete("done");
        assertThat(first.result).succeedsWithin(SOON);
        assertThat(begun).hasValue(1);
    }

    @Test
    void manyThreadsShareOneFlight() throws InterruptedException {
        SingleFlight<String, String> wide = new SingleFlight<>(shield, 1000);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(64);
        List<CompletableFuture<String>> waiting =
                Stream.generate(() -> new CompletableFuture<String>()).limit(64).toList();
        for (CompletableFuture<String> each : waiting) {
            Thread.ofVirtual().start(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    each.completeExceptionally(e);
                }
                wide.join("key", work).orElseThrow().subscribe().with(each::complete, each::completeExceptionally);
                joined.countDown();
            });
        }

        go.countDown();
        assertThat(joined.await(10, TimeUnit.SECONDS)).isTrue();
        result.complete("done");

        assertThat(waiting)
                .allSatisfy(each -> assertThat(each).succeedsWithin(SOON).isEqualTo("done"));
        assertThat(begun).hasValue(1);
    }

    // the shield

    @Test
    void detachedWorkStartsOnSubscriptionOnly() {
        Uni<String> uni = shield.run(work);
        assertThat(begun).hasValue(0);

        uni.subscribe().with(value -> {});

        Awaitility.await().until(() -> begun.get() == 1);
    }

    @Test
    void detachedWorkGoesOnWhenItsCallerLeaves() {
        CompletableFuture<String> done = new CompletableFuture<>();
        var caller =
                shield.run(() -> work.get().invoke(done::complete)).subscribe().with(value -> {});
        Awaitility.await().until(() -> begun.get() == 1);

        caller.cancel();
        result.complete("done");

        assertThat(done).succeedsWithin(SOON).isEqualTo("done");
        assertThat(result).isNotCancelled();
    }

    @Test
    void detachedFailureKeepsItsKind() {
        Uni<String> wrapped =
                shield.run(() -> Uni.createFrom().failure(new CompletionException(new IllegalStateException("no"))));
        assertThatThrownBy(() -> wrapped.await().atMost(SOON)).isInstanceOf(IllegalStateException.class);

        Uni<String> bare = shield.run(() -> Uni.createFrom().failure(new CompletionException("no", null)));
        assertThatThrownBy(() -> bare.await().atMost(SOON)).isInstanceOf(CompletionException.class);
    }

    @Test
    void callerOnAContextHearsThere() {
        CompletableFuture<Boolean> same = new CompletableFuture<>();
        var context = VERTX.getOrCreateContext();
        context.runOnContext(ignored -> shield.run(work)
                .subscribe()
                .with(value -> same.complete(context.equals(Vertx.currentContext())), same::completeExceptionally));
        Awaitility.await().until(() -> begun.get() == 1);

        result.complete("done");

        assertThat(same).succeedsWithin(SOON).isEqualTo(true);
    }

    private CompletableFuture<String> join() {
        return flights.join("key", work).orElseThrow().subscribeAsCompletionStage();
    }
}
