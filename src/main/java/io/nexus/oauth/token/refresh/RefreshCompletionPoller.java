package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Polls the rows that another replica is refreshing, for all waiting callers of this process. One statement at a time reads
 * all of them, at growing intervals; a notification reads its row at once. A lost notification costs one second at most.
 * Without a waiting caller there is no statement. An unavailable database does not end a wait before its deadline.
 */
@ApplicationScoped
class RefreshCompletionPoller implements ChangeFeed.Listener {

    /** The least time between two statements, so that many notifications cause few statements. */
    private static final long MIN_GAP = Duration.ofMillis(10).toNanos();

    private static final double JITTER = 0.2;

    /**
     * The intervals between reads of all rows.
     *
     * @param first the pause after a new caller; it doubles after each read
     * @param longest the longest pause
     */
    record Pace(Duration first, Duration longest) {}

    /** Reads rows by id. */
    interface Source extends Function<Collection<UUID>, Uni<List<StoredCredential>>> {}

    /**
     * Decides from a row whether a wait is over.
     *
     * @param <T> the result of the wait
     */
    interface Verdict<T> {
        /** The result for the row {@code now}; empty to keep waiting. Must not be empty when this is the {@code last} call. */
        Optional<T> of(Optional<StoredCredential> now, boolean last);
    }

    private final Vertx vertx;
    private final Source source;
    private final CancellationShield shield;
    private final Pace pace;

    // guarded by this
    private final Map<UUID, Set<Waiter<?>>> waiters = new HashMap<>();
    private final Set<UUID> urgent = new HashSet<>();
    private boolean reading;
    private long timer = -1;
    private long timerAt;
    private long pause;
    private long readAllAt;
    private long readAt = System.nanoTime() - MIN_GAP;

    @Inject
    RefreshCompletionPoller(Vertx vertx, RefreshStore refreshes, ChangeFeed feed, CancellationShield shield) {
        this(vertx, refreshes::findAll, shield, new Pace(Duration.ofMillis(50), Duration.ofSeconds(1)));
        feed.listen(this);
    }

    RefreshCompletionPoller(Vertx vertx, Source source, CancellationShield shield, Pace pace) {
        this.vertx = vertx;
        this.source = source;
        this.shield = shield;
        this.pace = pace;
    }

    /**
     * The first result of {@code verdict} for the row of {@code key}, or its last result at {@code deadline} ({@link
     * System#nanoTime()}). Fails with {@link StorageException} when the row could not be read until then.
     */
    <T> Uni<T> watch(CredentialKey key, long deadline, Verdict<T> verdict) {
        return Uni.createFrom().deferred(() -> {
            Waiter<T> waiter = new Waiter<>(key, verdict);
            long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            long end = vertx.setTimer(left, ignored -> waiter.giveUp());
            var unused = waiter.result.whenComplete((value, failure) -> {
                vertx.cancelTimer(end);
                remove(waiter);
            });
            add(waiter);
            return shield.listen(waiter.result).onCancellation().invoke(() -> waiter.result.cancel(false));
        });
    }

    /** The number of waiting callers. */
    synchronized int size() {
        return waiters.values().stream().mapToInt(Set::size).sum();
    }

    @Override
    public synchronized void changed(UUID id) {
        if (waiters.containsKey(id)) {
            urgent.add(id);
            schedule();
        }
    }

    @Override
    public synchronized void missed() {
        urgent.addAll(waiters.keySet());
        schedule();
    }

    private synchronized void add(Waiter<?> waiter) {
        long soon = System.nanoTime() + jittered(pace.first().toNanos());
        if (waiters.isEmpty() || readAllAt - soon > 0) {
            readAllAt = soon;
        }
        pause = pace.first().toNanos();
        waiters.computeIfAbsent(waiter.key.id(), ignored -> new HashSet<>()).add(waiter);
        urgent.add(waiter.key.id());
        schedule();
    }

    private synchronized void remove(Waiter<?> waiter) {
        UUID id = waiter.key.id();
        Set<Waiter<?>> present = waiters.get(id);
        if (present != null && present.remove(waiter) && present.isEmpty()) {
            waiters.remove(id);
            urgent.remove(id);
        }
        if (waiters.isEmpty() && timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
        }
    }

    /** Schedules the next statement for the time when it is due. */
    private synchronized void schedule() {
        if (reading || waiters.isEmpty()) {
            return;
        }
        long due = urgent.isEmpty() ? readAllAt : Math.min(readAllAt, readAt + MIN_GAP);
        if (timer >= 0) {
            if (due - timerAt >= 0) {
                return;
            }
            vertx.cancelTimer(timer);
        }
        timerAt = due;
        timer = vertx.setTimer(Math.max(1, (due - System.nanoTime()) / 1_000_000), ignored -> read());
    }

    private void read() {
        Set<UUID> ids = due();
        if (ids.isEmpty()) {
            schedule();
            return;
        }
        long startedAt = System.nanoTime();
        var unused = shield.start(() -> source.apply(ids))
                .whenComplete((rows, failure) -> answered(ids, startedAt, rows, failure));
    }

    private synchronized Set<UUID> due() {
        timer = -1;
        if (reading) {
            return Set.of();
        }
        readAt = System.nanoTime();
        boolean all = readAt - readAllAt >= 0;
        Set<UUID> ids = Set.copyOf(all ? waiters.keySet() : urgent);
        urgent.removeAll(ids);
        if (all) {
            pause = Math.min(pause * 2, pace.longest().toNanos());
            readAllAt = readAt + jittered(pause);
        }
        reading = !ids.isEmpty();
        return ids;
    }

    private void answered(
            Set<UUID> ids, long startedAt, @Nullable List<StoredCredential> rows, @Nullable Throwable failure) {
        Map<CredentialKey, StoredCredential> found =
                Objects.requireNonNullElse(rows, List.<StoredCredential>of()).stream()
                        .collect(Collectors.toMap(StoredCredential::key, row -> row));
        for (Waiter<?> waiter : concerned(ids, startedAt)) {
            if (failure == null) {
                waiter.look(Optional.ofNullable(found.get(waiter.key)));
            } else {
                waiter.failed(failure);
            }
        }
        schedule();
    }

    /** The callers to answer. One that came after the statement started may have seen a newer row, so it waits for the next. */
    private synchronized List<Waiter<?>> concerned(Set<UUID> ids, long startedAt) {
        reading = false;
        List<Waiter<?>> concerned = new ArrayList<>();
        ids.forEach(id -> concerned.addAll(waiters.getOrDefault(id, Set.of())));
        concerned.removeIf(waiter -> waiter.since - startedAt > 0);
        return concerned;
    }

    private static long jittered(long pause) {
        return (long) (pause * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
    }

    private static final class Waiter<T> {
        final CredentialKey key;
        final CompletableFuture<T> result = new CompletableFuture<>();
        final long since = System.nanoTime();
        private final Verdict<T> verdict;
        private volatile Throwable failure = StorageException.of(new TimeoutException("the row was not read in time"));

        private volatile @Nullable Optional<StoredCredential> seen;

        Waiter(CredentialKey key, Verdict<T> verdict) {
            this.key = key;
            this.verdict = verdict;
        }

        void look(Optional<StoredCredential> now) {
            seen = now;
            judge(now, false);
        }

        void failed(Throwable why) {
            failure = why;
        }

        void giveUp() {
            Optional<StoredCredential> known = seen;
            if (known == null) {
                result.completeExceptionally(failure);
            } else {
                judge(known, true);
            }
        }

        private void judge(Optional<StoredCredential> now, boolean last) {
            try {
                verdict.of(now, last).ifPresent(result::complete);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }
}
