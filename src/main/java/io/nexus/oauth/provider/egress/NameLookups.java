package io.nexus.oauth.provider.egress;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs look-ups of host names. Each blocks a thread, for many seconds if a name server does not answer. So a tenant has
 * a quarter of the threads at most, and its other look-ups wait for its own. Callers that want the same host share a
 * look-up that runs. Safe for concurrent use; never blocks.
 */
final class NameLookups<T> {

    /** The threads. */
    static final int THREADS = 16;

    /** The threads that the look-ups of one tenant may use. */
    static final int THREADS_PER_TENANT = THREADS / 4;

    /** The look-ups of one tenant that may wait. */
    static final int MAX_WAITING_PER_TENANT = 64;

    /** The look-ups that may wait. */
    static final int MAX_WAITING = 1_024;

    /** As long as a request to a provider may take. After that nobody wants the answer. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);

    private final WorkerExecutor workers;
    private final LongSupplier nanoTime;

    // guarded by this
    private final Map<String, Lookup<T>> running = new HashMap<>();
    private final Map<String, Integer> runningOfTenant = new HashMap<>();
    private final Queue<Lookup<T>> waiting = new ArrayDeque<>();
    private int threadsInUse;

    NameLookups(WorkerExecutor workers, LongSupplier nanoTime) {
        this.workers = workers;
        this.nanoTime = nanoTime;
    }

    private record Lookup<T>(@Nullable String tenant, String host, Callable<T> work, Promise<T> result, long since) {}

    /** Too many look-ups of this tenant, or of all, wait already. */
    static final class BusyException extends Exception {
        private static final long serialVersionUID = 1;

        private BusyException() {
            super("too many look-ups of names are waiting", null, false, false);
        }
    }

    /**
     * The result of {@code work}, which looks {@code host} up and may block. Fails with {@link BusyException} when too
     * many wait.
     *
     * @param tenant the tenant that chose the host, or null when the operator did
     */
    Future<T> run(@Nullable String tenant, String host, Callable<T> work) {
        Lookup<T> lookup = new Lookup<>(tenant, host, work, Promise.promise(), nanoTime.getAsLong());
        synchronized (this) {
            Lookup<T> same = running.get(host);
            if (same != null) {
                return same.result().future();
            }
            if (!hasThread(tenant)) {
                return enqueue(lookup);
            }
            occupy(lookup);
        }
        start(lookup);
        return lookup.result().future();
    }

    /** The number of look-ups that run or wait. */
    synchronized int size() {
        return running.size() + waiting.size();
    }

    private boolean hasThread(@Nullable String tenant) {
        return threadsInUse < THREADS
                && (tenant == null || runningOfTenant.getOrDefault(tenant, 0) < THREADS_PER_TENANT);
    }

    /** Queues {@code lookup}. A look-up of another tenant that waits is not shared: it may wait long for its turn. */
    private Future<T> enqueue(Lookup<T> lookup) {
        int ofTenant = 0;
        for (Lookup<T> each : waiting) {
            if (String.valueOf(each.tenant()).equals(String.valueOf(lookup.tenant()))) {
                if (each.host().equals(lookup.host())) {
                    return each.result().future();
                }
                ofTenant++;
            }
        }
        if (waiting.size() >= MAX_WAITING || ofTenant >= MAX_WAITING_PER_TENANT) {
            return Future.failedFuture(new BusyException());
        }
        waiting.add(lookup);
        return lookup.result().future();
    }

    private void occupy(Lookup<T> lookup) {
        threadsInUse++;
        running.put(lookup.host(), lookup);
        String tenant = lookup.tenant();
        if (tenant != null) {
            runningOfTenant.merge(tenant, 1, Integer::sum);
        }
    }

    private void start(Lookup<T> lookup) {
        workers.executeBlocking(lookup.work(), false).onComplete(done -> finished(lookup, done));
    }

    private void finished(Lookup<T> lookup, AsyncResult<T> done) {
        List<Runnable> next = new ArrayList<>();
        synchronized (this) {
            threadsInUse--;
            running.remove(lookup.host());
            String tenant = lookup.tenant();
            if (tenant != null) {
                runningOfTenant.computeIfPresent(
                        tenant, (who, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            }
            serve(next);
        }
        lookup.result().handle(done);
        next.forEach(Runnable::run);
    }

    /** Takes the look-ups out of the queue whose turn it is. They are started outside of the lock. */
    private void serve(List<Runnable> next) {
        for (Iterator<Lookup<T>> each = waiting.iterator(); each.hasNext() && threadsInUse < THREADS; ) {
            Lookup<T> lookup = each.next();
            Lookup<T> same = running.get(lookup.host());
            if (nanoTime.getAsLong() - lookup.since() > MAX_WAIT.toNanos()) {
                each.remove();
                next.add(() -> lookup.result().fail(new BusyException()));
            } else if (same != null) {
                each.remove();
                next.add(() -> same.result().future().onComplete(lookup.result()));
            } else if (hasThread(lookup.tenant())) {
                each.remove();
                occupy(lookup);
                next.add(() -> start(lookup));
            }
        }
    }
}
