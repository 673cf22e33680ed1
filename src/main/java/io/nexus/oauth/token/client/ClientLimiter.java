package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.TokenReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What every request of one OAuth client to one token endpoint passes. It bounds how many are under way, by what the provider
 * bears: a few at first, one more for each that goes well, half as many after an overload, then one more for each round. While all
 * slots are taken callers wait, the token that ends first goes first; while the {@link CircuitBreaker} is open nobody does.
 *
 * <p>Pure and safe for concurrent use: the time comes from outside, nothing blocks, and who waits hears on the thread that made
 * room. Not a promise across replicas: each has its own.
 */
public final class ClientLimiter {

    /** Slots of a client of which nothing is known yet. */
    public static final int FIRST_LIMIT = 8;

    private static final int MOST_WAITING = 1000;
    private static final Refused BUSY = new Refused("provider_busy", Duration.ofSeconds(1), false);

    /** What who asks to enter is told. */
    public sealed interface Admission {}

    /** Go, and close the permit whatever happens. */
    public record Admitted(Permit permit) implements Admission {}

    /**
     * Not now.
     *
     * @param code what keeps the gate shut, in the terms of {@link TokenReply}; {@code provider_busy} when it is only full
     * @param misconfigured whether it is ours to fix
     */
    public record Refused(String code, Duration retryAfter, boolean misconfigured) implements Admission {}

    /** How it stands. */
    record Status(CircuitBreaker.State circuit, @Nullable String reason, int limit, int inFlight) {}

    private final int most;
    private final LongSupplier nanos;
    private final CircuitBreaker breaker;
    private final Runnable roomAgain;

    private int limit;
    private int inFlight;
    private long admissions;

    /** Below it a success is worth a slot, from it on a whole round is. */
    private int threshold;

    private int successes;
    private long slowedAt;
    private long arrivals;
    private final TreeSet<Waiter> waiting = new TreeSet<>(Waiter.BY_DEADLINE);

    /**
     * A gate nobody passed yet.
     *
     * @param most the most slots it may ever have
     * @param nanos as {@link System#nanoTime()}
     * @param random in [0, 1)
     * @param roomAgain called, outside of any lock, when half of the slots came free and nobody waits for them
     */
    public ClientLimiter(int most, LongSupplier nanos, DoubleSupplier random, Runnable roomAgain) {
        this.most = Math.max(1, most);
        this.nanos = nanos;
        this.breaker = new CircuitBreaker(nanos, random);
        this.roomAgain = roomAgain;
        this.limit = Math.min(FIRST_LIMIT, this.most);
        this.threshold = this.most;
    }

    /**
     * Asks for a slot. Cancelling the result gives the place, or the slot, back.
     *
     * @param deadline when the token ends, in milliseconds of the epoch: the earlier goes first
     * @param patience how long to wait for a slot at most, to the next {@link #sweep()}; zero not to wait
     */
    public CompletableFuture<Admission> enter(long deadline, Duration patience) {
        Waiter waiter;
        Waiter displaced = null;
        synchronized (this) {
            Optional<Refused> refusal = breaker.refusal();
            if (refusal.isPresent()) {
                return CompletableFuture.completedFuture(refusal.get());
            }
            waiter = new Waiter(deadline, arrivals++, nanos.getAsLong() + patience.toNanos());
            waiting.add(waiter);
            if (waiting.size() > MOST_WAITING) {
                displaced = waiting.pollLast();
            }
        }
        var unused = waiter.result.whenComplete((admission, failure) -> leave(waiter));
        if (displaced != null) {
            displaced.result.complete(BUSY);
        }
        serve();
        if (!patience.isPositive()) {
            waiter.result.complete(BUSY);
        }
        return waiter.result;
    }

    /** Takes every free slot at once. There is none while somebody waits. */
    public List<Permit> reserve() {
        synchronized (this) {
            int free = free();
            List<Permit> permits = new ArrayList<>();
            for (int i = 0; i < free; i++) {
                permits.add(admit());
            }
            return permits;
        }
    }

    /** Sends away who waited long enough, and lets in whom a pause's end lets in. */
    void sweep() {
        List<Waiter> impatient;
        synchronized (this) {
            long now = nanos.getAsLong();
            impatient = waiting.stream().filter(each -> now - each.until >= 0).toList();
        }
        impatient.forEach(each -> each.result.complete(BUSY));
        serve();
    }

    /** Tells the registration that is about to be used: another one than was refused deserves a try. */
    synchronized void registered(ClientRegistration client) {
        breaker.registered(client);
    }

    synchronized Status status() {
        return new Status(breaker.state(), breaker.reason(), limit, inFlight);
    }

    private synchronized void leave(Waiter waiter) {
        waiting.remove(waiter);
    }

    /** Callers hear outside of the lock: they may come back at once. */
    private void serve() {
        for (Optional<Runnable> next = next(); next.isPresent(); next = next()) {
            next.get().run();
        }
    }

    private synchronized Optional<Runnable> next() {
        Optional<Refused> refusal = breaker.refusal();
        if (waiting.isEmpty() || (refusal.isEmpty() && free() == 0)) {
            return Optional.empty();
        }
        Waiter first = waiting.pollFirst();
        if (refusal.isPresent()) {
            return Optional.of(() -> first.result.complete(refusal.get()));
        }
        Permit permit = admit();
        return Optional.of(() -> {
            if (!first.result.complete(new Admitted(permit))) {
                permit.close();
            }
        });
    }

    private int free() {
        return breaker.refusal().isPresent() ? 0 : Math.max(0, limit - inFlight);
    }

    private Permit admit() {
        inFlight++;
        return new Permit(++admissions, breaker.era());
    }

    private synchronized void judge(Permit permit, TokenReply reply, CredentialKey grant, ClientRegistration client) {
        switch (reply) {
            case TokenReply.Granted granted -> wentWell(permit);
            case TokenReply.Rejected rejected -> wentWell(permit);
            case TokenReply.Misconfigured wrong -> breaker.refused(wrong, grant, client, permit.era);
            case TokenReply.Deferred later -> {
                slower(permit);
                Optional<Duration> wish = later.everybody() ? later.retryAfter() : Optional.empty();
                wish.ifPresentOrElse(
                        pause -> breaker.pause(later.code(), pause), () -> breaker.failed(later.code(), permit.era));
            }
            case TokenReply.Unknown unknown -> {
                slower(permit);
                breaker.failed(unknown.code(), permit.era);
            }
        }
        if (breaker.state() == CircuitBreaker.State.OPEN && limit > 1) {
            threshold = Math.max(1, limit / 2);
            limit = 1;
        }
    }

    /** A limit that is not used is not proven. */
    private void wentWell(Permit permit) {
        if (!breaker.answered(permit.era) || limit >= most || inFlight * 2 < limit) {
            return;
        }
        if (limit < threshold) {
            limit++;
        } else if (++successes >= limit) {
            limit++;
            successes = 0;
        }
    }

    /** Requests that were under way together meet one overload, not one each. */
    private void slower(Permit permit) {
        if (permit.number > slowedAt) {
            limit = Math.max(1, limit / 2);
            threshold = limit;
            successes = 0;
            slowedAt = admissions;
        }
    }

    private void release() {
        boolean room;
        synchronized (this) {
            inFlight--;
        }
        serve();
        synchronized (this) {
            room = inFlight * 2 <= limit && free() > 0;
        }
        if (room) {
            roomAgain.run();
        }
    }

    /** A slot, held from before the claim to the end of the attempt. */
    public final class Permit implements AutoCloseable {
        private final long number;
        private final int era;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Permit(long number, int era) {
            this.number = number;
            this.era = era;
        }

        /** Tells the gate what came of the request for {@code grant}, made as {@code client}. */
        public void heard(TokenReply reply, CredentialKey grant, ClientRegistration client) {
            judge(this, reply, grant, client);
            serve();
        }

        /** Gives the slot back; once, however often it is called. */
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

    private static final class Waiter {
        private static final Comparator<Waiter> BY_DEADLINE =
                Comparator.comparingLong((Waiter each) -> each.deadline).thenComparingLong(each -> each.number);

        private final long deadline;
        private final long number;
        private final long until;
        private final CompletableFuture<Admission> result = new CompletableFuture<>();

        private Waiter(long deadline, long number, long until) {
            this.deadline = deadline;
            this.number = number;
            this.until = until;
        }
    }
}
