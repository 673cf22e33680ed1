package io.nexus.oauth.token.grant;

import static io.nexus.oauth.testing.Interleavings.all;
import static io.nexus.oauth.testing.Interleavings.check;

import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Vetoed;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jetbrains.lincheck.datastructures.Operation;

/** Scenarios of {@link SingleFlight} for {@link io.nexus.oauth.testing.Interleavings}. */
public final class SingleFlightInterleavings {

    private SingleFlightInterleavings() {}

    /** A caller that has seen the result of a flight and asks again gets a later one. */
    public static class ALaterCallerGetsALaterResult {

        private final Work work = new Work();
        private final SingleFlight<String, String> flights = new SingleFlight<>(work, 3);

        @Operation
        public void run() {
            var first = flights.begin("key", Work::none).result;
            all(
                    () -> {
                        if (first.isDone()) {
                            check(flights.begin("key", Work::none).result != first, "an old result");
                        }
                    },
                    () -> work.end("first"));
            check(flights.size() == work.running(), "a flight without work");
        }
    }

    /** Callers of one key start one piece of work. */
    public static class CallersShareOneFlight {

        private final Work work = new Work();
        private final SingleFlight<String, String> flights = new SingleFlight<>(work, 3);

        @Operation
        public void run() {
            Waiter one = new Waiter();
            Waiter two = new Waiter();
            all(() -> one.join(flights), () -> two.join(flights));
            check(work.started() == 1, "two flights");
            work.end("done");
            check(one.told("done") && two.told("done"), "not told");
            check(flights.size() == 0, "a flight without work");
        }
    }

    /** A flight admits no more callers than its limit, and one of three that come at once. */
    public static class AFlightHasNoMoreWaitersThanItsLimit {

        private final SingleFlight<String, String> flights = new SingleFlight<>(new Work(), 1);

        @Operation
        public void run() {
            Waiter one = new Waiter();
            Waiter two = new Waiter();
            all(() -> one.join(flights), () -> two.join(flights));
            check(one.refused() || two.refused(), "above the limit");
        }
    }

    /** A caller that leaves makes room for one other. */
    public static class ACallerThatLeavesMakesRoomForOne {

        private final SingleFlight<String, String> flights = new SingleFlight<>(new Work(), 1);

        @Operation
        public void run() {
            Waiter leaving = new Waiter();
            leaving.join(flights);
            Waiter one = new Waiter();
            Waiter two = new Waiter();
            all(leaving::leave, () -> one.join(flights), () -> two.join(flights));
            check(one.refused() || two.refused(), "above the limit");
            check(
                    !one.refused()
                            || !two.refused()
                            || !new Waiter().join(flights).refused(),
                    "no room");
        }
    }

    /** Each caller is told once, whether it comes before the end of the flight or after it, and though another leaves. */
    public static class EachWaiterIsToldOnce {

        private final Work work = new Work();
        private final SingleFlight<String, String> flights = new SingleFlight<>(work, 3);

        @Operation
        public void run() {
            Waiter leaving = new Waiter();
            leaving.join(flights);
            Waiter waiter = new Waiter();
            all(leaving::leave, () -> waiter.join(flights), () -> work.end("first"));
            if (work.running() == 1) {
                check(!waiter.told("first"), "an old result");
                work.end("second");
                check(waiter.told("second"), "not told");
            } else {
                check(waiter.told("first"), "not told");
            }
            check(flights.size() == 0, "a flight without work");
        }
    }

    /** A failure reaches each caller; the next caller starts another flight. */
    public static class AFailureIsToldAndForgotten {

        private final Work work = new Work();
        private final SingleFlight<String, String> flights = new SingleFlight<>(work, 3);

        @Operation
        public void run() {
            Waiter early = new Waiter();
            early.join(flights);
            Waiter waiter = new Waiter();
            all(() -> waiter.join(flights), () -> work.fail("no"));
            check(early.told("no"), "not told");
            if (work.running() == 1) {
                work.end("well");
                check(waiter.told("well"), "not told");
            } else {
                check(waiter.told("no"), "not told");
            }
            check(flights.size() == 0, "a flight without work");
        }
    }

    private static final class Waiter {

        private final AtomicInteger count = new AtomicInteger();
        private final AtomicReference<String> heard = new AtomicReference<>();
        private volatile boolean refused;
        private volatile Runnable leaving = () -> {};

        Waiter join(SingleFlight<String, String> flights) {
            Optional<Uni<String>> result = flights.join("key", Work::none);
            refused = result.isEmpty();
            result.ifPresent(uni -> {
                var waiting = uni.subscribe().with(this::hear, failure -> hear(failure.getMessage()));
                leaving = waiting::cancel;
            });
            return this;
        }

        void leave() {
            leaving.run();
        }

        boolean refused() {
            return refused;
        }

        boolean told(String what) {
            return count.get() == 1 && what.equals(heard.get());
        }

        private void hear(String what) {
            count.incrementAndGet();
            heard.set(what);
        }
    }

    /** Work that the scenario ends, so that no thread runs which Lincheck does not schedule. */
    @Vetoed
    private static final class Work extends CancellationShield {

        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicReference<CompletableFuture<String>> last = new AtomicReference<>();

        @SuppressWarnings("NullAway") // it never uses Vert.x
        Work() {
            super(null);
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> CompletableFuture<T> start(Supplier<Uni<T>> work) {
            started.incrementAndGet();
            CompletableFuture<String> result = new CompletableFuture<>();
            last.set(result);
            return (CompletableFuture<T>) result;
        }

        void end(String result) {
            last.get().complete(result);
            ended.incrementAndGet();
        }

        void fail(String why) {
            last.get().completeExceptionally(new IllegalStateException(why));
            ended.incrementAndGet();
        }

        int started() {
            return started.get();
        }

        int running() {
            return started.get() - ended.get();
        }

        static Uni<String> none() {
            throw new IllegalStateException("the shield of this scenario runs no work");
        }
    }
}
