package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.token.client.ClientLimiter.Refused;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of one OAuth client at one provider, and the pause that the provider asked for. Pure: the time comes from
 * outside. Not safe for concurrent use; its {@link ClientLimiter} guards it.
 *
 * <p>Each change of state begins an era. What was sent in an earlier one says nothing about this one: thirty requests that time out
 * together open the circuit once, and an answer that comes late closes nothing.
 */
final class CircuitBreaker {

    /** Whether requests pass: all, one at a time, none. */
    enum State {
        CLOSED,
        HALF_OPEN,
        OPEN
    }

    private static final int IN_A_ROW = 5;
    private static final int SEVERAL_GRANTS = 3;
    private static final Duration FIRST_OUTAGE = Duration.ofSeconds(1);
    private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(60);
    private static final Duration FIRST_FAULT = Duration.ofMinutes(1);
    private static final Duration LONGEST_FAULT = Duration.ofMinutes(15);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(15);
    private static final int MAX_DOUBLINGS = 10;

    private final LongSupplier nanos;
    private final DoubleSupplier random;

    private State state = State.CLOSED;
    private int era;
    private long openUntil;
    private String reason = "";
    private boolean ours;

    private long pausedUntil;
    private @Nullable String pause;

    private int failuresInARow;
    private int outages;
    private int faults;
    private final Set<CredentialKey> refusedGrants = new HashSet<>();
    private @Nullable ClientRegistration refused;

    /**
     * A closed one.
     *
     * @param nanos as {@link System#nanoTime()}
     * @param random in [0, 1): spreads the outages, so that replicas do not probe in step
     */
    CircuitBreaker(LongSupplier nanos, DoubleSupplier random) {
        this.nanos = nanos;
        this.random = random;
    }

    State state() {
        if (state == State.OPEN && nanos.getAsLong() - openUntil >= 0) {
            enter(State.HALF_OPEN);
        }
        return state;
    }

    /** The present era, for what is sent now. */
    int era() {
        return era;
    }

    /** Why nothing may be sent now, and for how long. */
    Optional<Refused> refusal() {
        long now = nanos.getAsLong();
        if (state() == State.OPEN) {
            return Optional.of(new Refused(reason, Duration.ofNanos(openUntil - now), ours));
        }
        String paused = pause;
        if (paused != null && pausedUntil - now > 0) {
            return Optional.of(new Refused(paused, Duration.ofNanos(pausedUntil - now), false));
        }
        pause = null;
        return Optional.empty();
    }

    /** A definite answer about one grant: the provider and the client are well. False when it says nothing about now. */
    boolean answered(int sentIn) {
        if (isOld(sentIn)) {
            return false;
        }
        forgetFailures();
        if (state == State.HALF_OPEN) {
            enter(State.CLOSED);
            outages = 0;
            faults = 0;
            refused = null;
        }
        return true;
    }

    /** No answer, or none that makes sense. One is no outage; a probe's is. */
    void failed(String code, int sentIn) {
        if (isOld(sentIn)) {
            return;
        }
        failuresInARow++;
        if (state == State.HALF_OPEN || failuresInARow >= IN_A_ROW) {
            Duration most = doubled(FIRST_OUTAGE, outages++, LONGEST_OUTAGE);
            open(code, false, Duration.ofNanos((long) (most.toNanos() * (0.75 + 0.25 * random.getAsDouble()))));
        }
    }

    /**
     * The provider refused the request. That the client is wrong opens at once; anything else may be about one grant and opens only
     * when several grants in a row meet it, or a single odd one would keep all others from being refreshed.
     */
    void refused(TokenReply.Misconfigured reply, CredentialKey grant, ClientRegistration client, int sentIn) {
        if (isOld(sentIn)) {
            return;
        }
        refusedGrants.add(grant);
        if (reply.blamesClient() || refusedGrants.size() >= SEVERAL_GRANTS) {
            refused = client;
            open(reply.code(), true, doubled(FIRST_FAULT, faults++, LONGEST_FAULT));
        }
    }

    /** The provider asked for {@code wish}: nobody is sent before its end. */
    void pause(String code, Duration wish) {
        Duration capped = wish.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : wish;
        Duration length = capped.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : capped;
        long until = nanos.getAsLong() + length.toNanos();
        if (pause == null || until - pausedUntil > 0) {
            pause = code;
            pausedUntil = until;
        }
    }

    /** Closes when {@code now} is not the registration that was refused: it was set right. */
    void registered(ClientRegistration now) {
        if (refused != null && !refused.equals(now)) {
            refused = null;
            faults = 0;
            if (ours && state() != State.CLOSED) {
                enter(State.CLOSED);
            }
        }
    }

    /** The code of what opened it, or null while it is closed. */
    @Nullable String reason() {
        return state() == State.CLOSED ? null : reason;
    }

    private boolean isOld(int sentIn) {
        return state() == State.OPEN || sentIn != era;
    }

    private void open(String code, boolean isOurs, Duration length) {
        reason = code;
        ours = isOurs;
        openUntil = nanos.getAsLong() + length.toNanos();
        enter(State.OPEN);
    }

    /** A fault of many grants stays one: the probe's grant is one more of them, or proves the contrary. */
    private void enter(State next) {
        state = next;
        era++;
        if (next == State.CLOSED) {
            forgetFailures();
        }
    }

    private void forgetFailures() {
        failuresInARow = 0;
        refusedGrants.clear();
    }

    private static Duration doubled(Duration first, int times, Duration longest) {
        Duration doubled = first.multipliedBy(1L << Math.min(times, MAX_DOUBLINGS));
        return doubled.compareTo(longest) > 0 ? longest : doubled;
    }
}
