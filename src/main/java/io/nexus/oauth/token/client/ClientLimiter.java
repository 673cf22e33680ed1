package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.TokenReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Limits the concurrent requests of one OAuth client to one token endpoint, and adapts the limit to the provider. The limit
 * starts small and grows by one for each success, and is three until the provider has accepted the client once. After an overload
 * it is halved, and then grows by one for each full round of successes. While all slots are taken callers wait; the token that expires first goes first. While the {@link
 * CircuitBreaker} is open, callers are refused.
 *
 * <p>Safe for concurrent use and never blocks. A waiting caller gets its result on the thread that freed the slot. Each replica has its
 * own limit.
 */
public final class ClientLimiter {
    /** The first limit of a client that the provider has accepted. */
    public static final int FIRST_LIMIT = 8;
    /** The limit until the first definite response about a grant: a wrong secret must not cost more requests than this. */
    public static final int UNPROVEN_LIMIT = 3;

    private static final int MAX_WAITING = 1000;
    /** The limiter whose callers this thread admits. A slot freed meanwhile is left to that loop: recursion would overflow the stack. */
    private static final ThreadLocal<@Nullable ClientLimiter> SERVING = new ThreadLocal<>();

    private static final Refused BUSY = new Refused("provider_busy", Duration.ofSeconds(1), false);
    /** The result of a request for a slot. */
    public sealed interface Admission {}

    /** The caller has a slot and must close the permit in any case. */
    public record Admitted(Permit permit) implements Admission {}

    /**
     * The caller must not send a request now.
     *
     * @param code the failure that opened the circuit, in the terms of {@link TokenReply}; {@code provider_busy} when no
     *     slot is free
     * @param misconfigured whether the operator has to fix the configuration
     */
    public record Refused(String code, Duration retryAfter, boolean misconfigured) implements Admission {}

    /** The present state, for the metrics; {@code refusal}: why no request may be sent now, or null when one may. */
    record Status(
            CircuitBreaker.State circuit,
            @Nullable String reason,
            int limit,
            int inFlight,
            @Nullable Refused refusal) {}

    private final int maxLimit;
    private final LongSupplier nanos;
    private final CircuitBreaker breaker;
    private final Runnable onFreeSlots;
    private int limit;
    private boolean proven;
    private int inFlight;
    private long admissions;
    /** Below this limit each success adds a slot; from it on each full round of successes does. */
    private int threshold;

    private int successes;
    private long reducedAt;
    private long arrivals;
    private final TreeSet<WaitingCaller> waiting = new TreeSet<>(WaitingCaller.BY_DEADLINE);

    /**
     * Creates a limiter with a closed circuit.
     *
     * @param maxLimit the highest limit
     * @param nanos the time, as {@link System#nanoTime()}
     * @param random numbers in [0, 1)
     * @param onFreeSlots called outside of any lock when half of the slots are free and no caller waits
     */
    public ClientLimiter(int maxLimit, LongSupplier nanos, DoubleSupplier random, Runnable onFreeSlots) {
        this.maxLimit = Math.max(1, maxLimit);
        this.nanos = nanos;
        this.breaker = new CircuitBreaker(nanos, random);
        this.onFreeSlots = onFreeSlots;
        this.limit = Math.min(FIRST_LIMIT, this.maxLimit);
        this.threshold = this.maxLimit;
    }

    /**
     * Asks for a slot. Cancelling the result frees the place in the queue, or the slot.
     *
     * @param deadline when the token expires, in milliseconds of the epoch: the earliest goes first
     * @param maxWait the longest wait for a slot, rounded up to the next {@link #sweep()}; zero not to wait
     */
    public CompletableFuture<Admission> enter(long deadline, Duration maxWait) {
        WaitingCaller waiter;
        WaitingCaller displaced = null;
        synchronized (this) {
            Optional<Refused> refusal = breaker.refusal();
            refusal = refusal.isEmpty() && inFlight > 0 ? breaker.probing() : refusal;
            if (refusal.isPresent()) {
                return CompletableFuture.completedFuture(refusal.get());
            }
            waiter = new WaitingCaller(deadline, arrivals++, nanos.getAsLong() + maxWait.toNanos());
            waiting.add(waiter);
            if (waiting.size() > MAX_WAITING) {
                displaced = waiting.pollLast();
            }
        }
        var unused = waiter.result().whenComplete((admission, failure) -> leave(waiter));
        if (displaced != null) {
            displaced.result().complete(BUSY);
        }
        serve();
        if (!maxWait.isPositive()) {
            waiter.result().complete(BUSY);
        }
        return waiter.result();
    }

    /** Takes free slots, {@code most} at most. No slot is free while a caller waits. */
    public synchronized List<Permit> reserve(int most) {
        return Stream.generate(this::admit).limit(Math.min(most, free())).toList();
    }

    synchronized boolean isFull() {
        return free() == 0;
    }

    /** Refuses the callers whose wait is over, and admits callers after the end of a pause. */
    void sweep() {
        List<WaitingCaller> expired;
        synchronized (this) {
            if (waiting.isEmpty()) {
                return;
            }
            long now = nanos.getAsLong();
            expired = waiting.stream().filter(each -> now - each.until() >= 0).toList();
        }
        expired.forEach(each -> each.result().complete(BUSY));
        serve();
    }

    /** Records the registration that is about to be used. One that differs from the refused one closes the circuit. */
    synchronized void registered(ClientRegistration client) {
        breaker.registered(client);
    }

    synchronized Status status() {
        return new Status(
                breaker.state(),
                breaker.reason(),
                limit,
                inFlight,
                breaker.refusal().orElse(null));
    }

    private synchronized void leave(WaitingCaller waiter) {
        waiting.remove(waiter);
    }

    /** Completes waiting callers outside of the lock, because they may call again at once. */
    private void serve() {
        ClientLimiter outer = SERVING.get();
        SERVING.set(this);
        try {
            for (Optional<Runnable> next = next(); next.isPresent(); next = next()) {
                next.get().run();
            }
        } finally {
            SERVING.set(outer);
        }
    }

    private synchronized Optional<Runnable> next() {
        Optional<Refused> refusal = breaker.refusal();
        if (waiting.isEmpty() || (refusal.isEmpty() && free() == 0)) {
            return Optional.empty();
        }
        WaitingCaller first = waiting.pollFirst();
        if (refusal.isPresent()) {
            return Optional.of(() -> first.result().complete(refusal.get()));
        }
        Permit permit = admit();
        return Optional.of(() -> {
            if (!first.result().complete(new Admitted(permit))) {
                permit.close();
            }
        });
    }

    private int free() {
        int present = proven ? limit : Math.min(limit, UNPROVEN_LIMIT);
        return breaker.refusal().isPresent() ? 0 : Math.max(0, present - inFlight);
    }

    private Permit admit() {
        inFlight++;
        return new Permit(++admissions, breaker.era());
    }

    private synchronized void apply(
            Permit permit, TokenReply reply, CredentialKey grant, boolean worked, ClientRegistration client) {
        switch (reply) {
            case TokenReply.Granted granted -> recordSuccess(permit);
            case TokenReply.Rejected rejected -> recordSuccess(permit);
            case TokenReply.Refused refused -> recordSuccess(permit); // the provider answers, and refuses one grant
            case TokenReply.Misconfigured wrong -> breaker.refused(wrong, grant, worked, client, permit.era);
            case TokenReply.Deferred later -> {
                reduceLimit(permit);
                Optional<Duration> requested = later.clientWide() ? later.retryAfter() : Optional.empty();
                requested.ifPresentOrElse(
                        pause -> breaker.pause(later.code(), pause), () -> breaker.failed(later.code(), permit.era));
            }
            case TokenReply.Unknown unknown -> {
                reduceLimit(permit);
                breaker.failed(unknown.code(), permit.era);
            }
        }
        if (breaker.state() == CircuitBreaker.State.OPEN && limit > 1) {
            threshold = Math.max(1, limit / 2);
            limit = 1;
        }
    }

    /** Raises the limit only while at least half of it is used: an unused limit is not proven. */
    private void recordSuccess(Permit permit) {
        proven = true;
        if (!breaker.answered(permit.era) || limit >= maxLimit || inFlight * 2 < limit) {
            return;
        }
        if (limit < threshold) {
            limit++;
        } else if (++successes >= limit) {
            limit++;
            successes = 0;
        }
    }

    /** Halves the limit once for all requests that were in flight together. */
    private void reduceLimit(Permit permit) {
        if (permit.number > reducedAt) {
            limit = Math.max(1, limit / 2);
            threshold = limit;
            successes = 0;
            reducedAt = admissions;
        }
    }

    private void release() {
        synchronized (this) {
            inFlight--;
        }
        if (SERVING.get() != this) {
            serve();
        }
        if (hasFreeSlots()) {
            onFreeSlots.run();
        }
    }

    private synchronized boolean hasFreeSlots() {
        return waiting.isEmpty() && inFlight * 2 <= limit && free() > 0;
    }

    /** A slot, held from before the lease to the end of the attempt. */
    public final class Permit implements AutoCloseable {
        private final long number;
        private final int era;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Permit(long number, int era) {
            this.number = number;
            this.era = era;
        }

        /** Records the reply to a request made as {@code client}; {@code worked}: whether the grant's last refresh succeeded. */
        public void record(TokenReply reply, CredentialKey grant, boolean worked, ClientRegistration client) {
            apply(this, reply, grant, worked, client);
            serve();
        }

        /** Frees the slot. Further calls have no effect. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                release();
            }
        }

        boolean isOf(ClientLimiter limiter) {
            return ClientLimiter.this == limiter;
        }
    }
}
