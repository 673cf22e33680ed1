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
 * The shield: runs work to its end on a context of its own, whatever becomes of who asked for it.
 *
 * <p>A client that closes its connection cancels the pipeline that serves it. Between a provider's rotation and our write that
 * would lose the grant, so everything that changes something runs in here and its caller only listens. The work has its own
 * duplicated Vert.x context, so that two pieces never share a database session either.
 */
@ApplicationScoped
public class CancellationShield {

    private static final Logger LOG = Logger.getLogger(CancellationShield.class);

    /** The longest request to a provider, and what follows it. */
    private static final Duration DRAIN = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final ConcurrentHashMap<EventLoop, Context> roots = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean stopping;

    public CancellationShield(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Work that starts when the result is subscribed to, and then goes on even if the subscriber leaves. */
    public <T> Uni<T> run(Supplier<Uni<T>> work) {
        return Uni.createFrom().deferred(() -> listen(start(work)));
    }

    /** Whether the process is about to end: nothing that can wait should begin. */
    public boolean isStopping() {
        return stopping;
    }

    /** Work that began is finished before the process ends: an answer under way may be a grant's only one. */
    public void drain(@Observes @Priority(ShutdownOrder.FINISH_SHIELDED_WORK) ShutdownEvent event)
            throws InterruptedException {
        stopping = true;
        long end = System.nanoTime() + DRAIN.toNanos();
        synchronized (running) {
            for (long left = DRAIN.toMillis();
                    running.get() > 0 && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                running.wait(left);
            }
        }
        if (running.get() > 0) {
            LOG.errorf("%d pieces of work did not end in time", running.get());
        }
    }

    private void ended() {
        if (running.decrementAndGet() == 0) {
            synchronized (running) {
                running.notifyAll();
            }
        }
    }

    /** Starts the work now. */
    public <T> CompletableFuture<T> start(Supplier<Uni<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Context context = VertxContext.createNewDuplicatedContext(root());
        VertxContextSafetyToggle.setContextSafe(context, true);
        var trace = io.opentelemetry.context.Context.current();
        running.incrementAndGet();
        var unused = result.whenComplete((value, failure) -> ended());
        context.runOnContext(ignored -> {
            follow(trace);
            begin(work, result);
        });
        return result;
    }

    /** The work belongs to the trace of who asked for it. Its context ends with it, so the trace is never taken off again. */
    private static void follow(io.opentelemetry.context.Context trace) {
        if (!trace.equals(io.opentelemetry.context.Context.root())) {
            var unused = io.opentelemetry.context.ContextStorage.get().attach(trace);
        }
    }

    /**
     * Hears of a result on the context it was asked from. Leaving does not cancel the work: {@code completionStage(...)} would.
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
     * A context on the caller's event loop that nobody undeploys: when the HTTP server goes, at the beginning of a stop, all timers
     * that were set on its contexts go with it, and a request to a provider would have no deadline any more.
     */
    private Context root() {
        return roots.computeIfAbsent(
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
