package io.nexus.oauth.token.refresh;

import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
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
    private final Queue<CompletableFuture<@Nullable Void>> waiting = new ArrayDeque<>();
    private int running;
    private boolean admitting;

    ConcurrencyGate(CancellationShield shield, int limit) {
        this.shield = shield;
        this.limit = limit;
    }

    /**
     * Runs {@code work} when a place is free, on the context of the subscriber. Its failure is the result. The end of the work and a
     * cancellation free the place.
     */
    <T> Uni<T> run(Supplier<Uni<T>> work) {
        return Uni.createFrom().deferred(() -> {
            CompletableFuture<@Nullable Void> place = new CompletableFuture<>();
            enter(place);
            return shield.listen(place).chain(work::get).onTermination().invoke(() -> leave(place));
        });
    }

    private void enter(CompletableFuture<@Nullable Void> place) {
        synchronized (this) {
            waiting.add(place);
        }
        admit();
    }

    /** A place that was cancelled in time was never taken: {@link #admit} skips it. */
    private void leave(CompletableFuture<@Nullable Void> place) {
        if (!place.cancel(false)) {
            free();
            admit();
        }
    }

    /** Admits in a loop, because work that ends at once calls {@link #leave} inside of it: a recursion would be as deep as the queue. */
    private void admit() {
        synchronized (this) {
            if (admitting) {
                return;
            }
            admitting = true;
        }
        for (CompletableFuture<@Nullable Void> next = next(); next != null; next = next()) {
            if (!next.complete(null)) {
                free();
            }
        }
    }

    private synchronized @Nullable CompletableFuture<@Nullable Void> next() {
        CompletableFuture<@Nullable Void> next = running < limit ? waiting.poll() : null;
        if (next == null) {
            admitting = false;
        } else {
            running++;
        }
        return next;
    }

    private synchronized void free() {
        running--;
    }
}
