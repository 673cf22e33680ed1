package io.nexus.oauth.store.execution;

import io.netty.channel.EventLoop;
import io.nexus.oauth.event.ShutdownOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs work to its end on its own context, even when the caller cancels.
 *
 * <p>A client that closes its connection cancels the pipeline that serves it. Between a provider's rotation and the
 * commit, that would lose the grant. So every change runs here, and its caller only receives the result. The work has
 * its own duplicated Vert.x context, so that two operations never share a database session.
 */
@ApplicationScoped
public class CancellationShield {

    private static final Logger LOG = Logger.getLogger(CancellationShield.class);

    /** The longest request to a provider with the work after it. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final ConcurrentHashMap<EventLoop, Context> contexts = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean stopping;

    public CancellationShield(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Starts the work on subscription; it continues even if the subscriber cancels. Does not block. */
    public <T> Uni<T> run(Supplier<Uni<T>> work) {
        return Uni.createFrom().deferred(() -> listen(start(work)));
    }

    /** Whether the process is stopping: work that can wait should not start. */
    public boolean isStopping() {
        return stopping;
    }

    /**
     * Blocks the shutdown until running work has finished, 60 seconds at most: a running request may return the only
     * copy of a grant.
     */
    public void drain(@Observes @Priority(ShutdownOrder.FINISH_SHIELDED_WORK) ShutdownEvent event)
            throws InterruptedException {
        stopping = true;
        long end = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
        synchronized (running) {
            for (long left = DRAIN_TIMEOUT.toMillis();
                    running.get() > 0 && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                running.wait(left);
            }
        }
        if (running.get() > 0) {
            LOG.errorf("%d operations did not finish before the shutdown deadline", running.get());
        }
    }

    private void ended() {
        if (running.decrementAndGet() == 0) {
            synchronized (running) {
                running.notifyAll();
            }
        }
    }

    /** Starts the work now. The future completes with its result. */
    public <T> CompletableFuture<T> start(Supplier<Uni<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Context context = VertxContext.createNewDuplicatedContext(drainableContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        var trace = io.opentelemetry.context.Context.current();
        running.incrementAndGet();
        var unused = result.whenComplete((value, failure) -> ended());
        context.runOnContext(ignored -> {
            attachTrace(trace);
            begin(work, result);
        });
        return result;
    }

    /** The work belongs to the caller's trace. Its context ends with it, so the trace need not be detached. */
    private static void attachTrace(io.opentelemetry.context.Context trace) {
        if (!trace.equals(io.opentelemetry.context.Context.root())) {
            var unused = io.opentelemetry.context.ContextStorage.get().attach(trace);
        }
    }

    /**
     * Emits the result on the subscriber's context. Cancellation does not cancel the work; {@code completionStage(...)}
     * would.
     */
    public <T> Uni<T> listen(CompletableFuture<T> result) {
        return Uni.createFrom().emitter(emitter -> {
            Context caller = Vertx.currentContext();
            var unused = result.whenComplete((value, failure) -> onContext(caller, () -> {
                if (failure == null) {
                    emitter.complete(value);
                } else {
                    emitter.fail(
                            failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure);
                }
            }));
        });
    }

    /**
     * A context on the caller's event loop that outlives the HTTP server. At the begin of a stop Vert.x cancels all
     * timers of the HTTP server's contexts, and a request to a provider would lose its deadline.
     */
    private Context drainableContext() {
        return contexts.computeIfAbsent(
                ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop(),
                loop -> ((VertxInternal) vertx)
                        .createEventLoopContext(loop, null, getClass().getClassLoader()));
    }

    private static <T> void begin(Supplier<Uni<T>> work, CompletableFuture<T> result) {
        try {
            work.get().subscribe().with(result::complete, result::completeExceptionally);
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    private static void onContext(@Nullable Context context, Runnable action) {
        if (context == null || context.equals(Vertx.currentContext())) {
            action.run();
        } else {
            context.runOnContext(ignored -> action.run());
        }
    }
}
