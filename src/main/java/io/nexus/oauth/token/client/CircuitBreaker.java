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
 * The circuit breaker of one OAuth client at one provider, with the pause that the provider asked for ({@code Retry-After}).
 * Has no clock: the time is a parameter. Not safe for concurrent use; its {@link ClientLimiter} guards it.
 *
 * <p>Each change of state begins a new era. The result of a request from an earlier era is ignored: thirty requests that time
 * out together open the circuit once, and a late response does not close it.
 */
final class CircuitBreaker {

    /** Whether requests pass: all of them, one at a time, or none. */
    enum State {
        CLOSED,
        HALF_OPEN,
        OPEN
    }

    private static final int FAILURES_TO_OPEN = 5;

    /** More than the grants that end together by chance: users leave, and others must not notice. */
    private static final int REFUSED_GRANTS_TO_OPEN = 10;

    private static final Duration TOGETHER = Duration.ofMinutes(1);
    private static final Duration MIN_OUTAGE = Duration.ofSeconds(1);
    private static final Duration MAX_OUTAGE = Duration.ofSeconds(60);
    private static final Duration MIN_MISCONFIGURATION = Duration.ofMinutes(1);
    private static final Duration MAX_MISCONFIGURATION = Duration.ofMinutes(15);
    private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
    private static final Duration MAX_PAUSE = Duration.ofMinutes(15);
    private static final int MAX_DOUBLINGS = 10;

    private final LongSupplier nanos;
    private final DoubleSupplier random;

    private State state = State.CLOSED;
    private int era;
    private long openUntil;
    private String reason = "";
    private boolean misconfigured;

    private long pausedUntil;
    private @Nullable String pauseReason;

    private int failuresInARow;
    private int outages;
    private int misconfigurations;
    private final Set<CredentialKey> refusedGrants = new HashSet<>();
    private long firstRefusalAt;

    /** Whether grants that failed together opened the circuit, and not a refusal of the client. */
    private boolean together;

    private @Nullable ClientRegistration refused;

    /**
     * Creates a closed circuit breaker.
     *
     * @param nanos the time, as {@link System#nanoTime()}
     * @param random numbers in [0, 1) that spread the outages, so that replicas do not probe at the same time
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

    /** The present era, to be stored with a request that is sent now. */
    int era() {
        return era;
    }

    /** Why no request may be sent now, and for how long; empty when one may. */
    Optional<Refused> refusal() {
        long now = nanos.getAsLong();
        if (state() == State.OPEN) {
            return Optional.of(new Refused(reason, Duration.ofNanos(openUntil - now), misconfigured));
        }
        String paused = pauseReason;
        if (paused != null && pausedUntil - now > 0) {
            return Optional.of(new Refused(paused, Duration.ofNanos(pausedUntil - now), false));
        }
        pauseReason = null;
        return Optional.empty();
    }

    /**
     * Records a definite response about one grant: provider and client work. False when the response is from an earlier era.
     */
    boolean answered(int sentIn) {
        if (isOld(sentIn)) {
            return false;
        }
        forgetFailures();
        if (state == State.HALF_OPEN) {
            close();
        }
        return true;
    }

    private void close() {
        enter(State.CLOSED);
        outages = 0;
        misconfigurations = 0;
        refused = null;
    }

    /** Records a missing or invalid response. Five in a row open the circuit; a failed probe opens it at once. */
    void failed(String code, int sentIn) {
        if (isOld(sentIn)) {
            return;
        }
        failuresInARow++;
        if (state == State.HALF_OPEN || failuresInARow >= FAILURES_TO_OPEN) {
            Duration longest = doubled(MIN_OUTAGE, outages++, MAX_OUTAGE);
            open(code, false, Duration.ofNanos((long) (longest.toNanos() * (0.75 + 0.25 * random.getAsDouble()))));
        }
    }

    /**
     * Records that the operator has to fix something. A refusal of the client opens the circuit at once. Any other refusal may
     * concern one grant only. It opens the circuit when ten grants that worked before are refused within a minute, and no other
     * grant of the client works meanwhile.
     *
     * @param worked whether the grant's last refresh succeeded
     */
    void refused(
            TokenReply.Misconfigured reply,
            CredentialKey grant,
            boolean worked,
            ClientRegistration client,
            int sentIn) {
        if (isOld(sentIn)) {
            return;
        }
        boolean isStillSo = together && state == State.HALF_OPEN;
        if (reply.client() || isStillSo || failTogether(grant, worked)) {
            refused = client;
            together = !reply.client();
            open(reply.code(), true, doubled(MIN_MISCONFIGURATION, misconfigurations++, MAX_MISCONFIGURATION));
        } else if (state == State.HALF_OPEN && !UnsentRequests.has(reply.code())) {
            close(); // the provider accepts the client again
        }
    }

    private boolean failTogether(CredentialKey grant, boolean worked) {
        long now = nanos.getAsLong();
        if (refusedGrants.isEmpty() || now - firstRefusalAt > TOGETHER.toNanos()) {
            refusedGrants.clear();
            firstRefusalAt = now;
        }
        if (worked) {
            refusedGrants.add(grant);
        }
        return refusedGrants.size() >= REFUSED_GRANTS_TO_OPEN;
    }

    /** Sends no request for the time {@code requested} by the provider, within 1 s and 15 min. */
    void pause(String code, Duration requested) {
        Duration capped = requested.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : requested;
        Duration length = capped.compareTo(MIN_PAUSE) < 0 ? MIN_PAUSE : capped;
        long until = nanos.getAsLong() + length.toNanos();
        if (pauseReason == null || until - pausedUntil > 0) {
            pauseReason = code;
            pausedUntil = until;
        }
    }

    /** Closes the circuit when {@code now} differs from the refused registration: an operator has changed it. */
    void registered(ClientRegistration now) {
        if (refused != null && !refused.equals(now)) {
            refused = null;
            misconfigurations = 0;
            if (misconfigured && state() != State.CLOSED) {
                enter(State.CLOSED);
            }
        }
    }

    /** Why the operator has to act, while one probe finds out whether that is still so; empty in any other state. */
    Optional<Refused> probing() {
        return state() == State.HALF_OPEN && misconfigured
                ? Optional.of(new Refused(reason, MIN_PAUSE, true))
                : Optional.empty();
    }

    /** The code of the failure that opened the circuit, or null while it is closed. */
    @Nullable String reason() {
        return state() == State.CLOSED ? null : reason;
    }

    private boolean isOld(int sentIn) {
        return state() == State.OPEN || sentIn != era;
    }

    private void open(String code, boolean isMisconfigured, Duration length) {
        reason = code;
        misconfigured = isMisconfigured;
        openUntil = nanos.getAsLong() + length.toNanos();
        enter(State.OPEN);
    }

    /** Keeps the refused grants unless the circuit closes: a refused probe opens the circuit again. */
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
