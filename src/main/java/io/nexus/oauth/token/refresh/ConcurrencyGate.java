package io.nexus.oauth.token.refresh;

import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a bounded number of operations at once, in the order of their arrival. It keeps the schedule from taking all connections of
 * the pool, however many providers are due. Safe for concurrent use; never blocks.
 */
final class ConcurrencyGate {

    private final CancellationShield shield;
    private final int limit;

    // guarded by this
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;
    private boolean admitting;

    ConcurrencyGate(CancellationShield shield, int limit) {
        this.shield = shield;
        this.limit = limit;
    }

    /**
     * Runs {@code work} when a place is free, on the context of the subscriber. The work runs to its end even if the subscriber
     * cancels. Its failure is the result.
     */
    <T> Uni<T> run(Supplier<Uni<T>> work) {
        return Uni.createFrom().deferred(() -> {
            CompletableFuture<T> result = new CompletableFuture<>();
            var unused = result.whenComplete((value, failure) -> leave());
            Context caller = Vertx.currentContext();
            Runnable start = () -> start(work, result);
            enter(caller == null ? start : () -> caller.runOnContext(ignored -> start.run()));
            return shield.listen(result);
        });
    }

    /** Never throws, because the caller would admit nobody else. */
    private static <T> void start(Supplier<Uni<T>> work, CompletableFuture<T> result) {
        try {
            work.get().subscribe().with(result::complete, result::completeExceptionally);
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    private void enter(Runnable start) {
        synchronized (this) {
            waiting.add(start);
        }
        admit();
    }

    private void leave() {
        synchronized (this) {
            running--;
        }
        admit();
    }

    /** Admits in a loop, because work that ends at once calls {@link #leave} inside of it: a recursion would be as deep as the queue. */
    private void admit() {
        synchronized (this) {
            if (admitting) {
                return;
            }
            admitting = true;
        }
        for (Runnable next = next(); next != null; next = next()) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = running < limit ? waiting.poll() : null;
        if (next == null) {
            admitting = false;
        } else {
            running++;
        }
        return next;
    }
}
