package io.nexus.oauth.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the server treats a grant. The person on the consent page chooses it, to try what the service does when a provider fails.
 *
 * @param fault what goes wrong
 * @param until when the fault is over, or null when it lasts
 * @param lifetime how long an access token of the grant is valid, or null for {@link SandboxConfig#accessTokenLifetime()}
 */
record GrantBehavior(
        Fault fault, @Nullable Instant until, @Nullable Duration lifetime) {

    /** The grant works, as long as a token is valid by default. */
    static final GrantBehavior WORKS = new GrantBehavior(Fault.NONE, null, null);

    /** The grant of a client itself (RFC 6749 section 4.4.3). */
    static final GrantBehavior OF_CLIENT = new GrantBehavior(Fault.NO_REFRESH_TOKEN, null, null);

    private static final Duration SLOW = Duration.ofSeconds(3);
    private static final Duration MIN_TIME = Duration.ofSeconds(10);
    private static final Duration MAX_TIME = Duration.ofDays(1);

    /** What goes wrong after the consent. */
    enum Fault {
        NONE("nothing"),
        SLOW("every answer takes 3 seconds"),
        UNAVAILABLE("the server is down (503)"),
        REJECTED("the server rejects the grant (invalid_grant)"),
        LOGIN_REQUIRED("the person has to sign in again (login_required)"),
        NO_REFRESH_TOKEN("there is no refresh token");

        private final String words;

        Fault(String words) {
            this.words = words;
        }

        /** The value in the form. */
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The text on the page. */
        public String words() {
            return words;
        }

        private static Fault of(String value) {
            return Stream.of(values())
                    .filter(fault -> fault.value().equals(value))
                    .findFirst()
                    .orElseThrow(() -> OAuthError.invalidRequest("fault is unknown"));
        }
    }

    /** The faults to choose from. */
    static List<Fault> faults() {
        return Arrays.asList(Fault.values());
    }

    /** The choice in the {@code form} of the consent page. An omitted field has its default. */
    static GrantBehavior of(Parameters form, Instant now) {
        Duration time = time(form, "fault_seconds");
        return new GrantBehavior(
                Fault.of(form.find("fault").orElse("none")),
                time == null ? null : now.plus(time).truncatedTo(ChronoUnit.SECONDS),
                time(form, "lifetime_seconds"));
    }

    private static @Nullable Duration time(Parameters form, String name) {
        String text = form.find(name).orElse(null);
        if (text == null) {
            return null;
        }
        Duration time = Duration.ofSeconds(text.matches("[0-9]{1,9}") ? Long.parseLong(text) : 0);
        if (time.compareTo(MIN_TIME) < 0 || time.compareTo(MAX_TIME) > 0) {
            throw OAuthError.invalidRequest(name + " must be a whole number of seconds from " + MIN_TIME.toSeconds()
                    + " to " + MAX_TIME.toSeconds());
        }
        return time;
    }

    /** The fault at {@code now}. */
    Fault at(Instant now) {
        return until == null || now.isBefore(until) ? fault : Fault.NONE;
    }

    /** Throws the {@link OAuthError} that answers a refresh at {@code now}, if there is one. */
    void check(Instant now) {
        switch (at(now)) {
            case UNAVAILABLE -> throw OAuthError.unavailable();
            case REJECTED -> throw OAuthError.invalidGrant("the server rejects this grant for a while");
            case LOGIN_REQUIRED -> throw OAuthError.of("login_required", "the person has to sign in again");
            default -> {
                // the refresh works
            }
        }
    }

    /** How long an answer with tokens takes at {@code now}. */
    Duration delay(Instant now) {
        return at(now) == Fault.SLOW ? SLOW : Duration.ZERO;
    }

    boolean hasRefreshToken() {
        return fault != Fault.NO_REFRESH_TOKEN;
    }
}
