package io.nexus.oauth.access.issuer;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Why a token was refused. The caller does not learn the reason; a metric shows it to the operator. */
public enum TokenRefusal {
    /** The text is not a signed JWT. */
    MALFORMED,
    /** The issuer is not trusted. */
    UNKNOWN_ISSUER,
    /** The signature algorithm is not allowed. */
    ALGORITHM,
    /** The issuer has no such key. */
    UNKNOWN_KEY,
    /** The signature is invalid. */
    SIGNATURE,
    /** The token is for another audience. */
    AUDIENCE,
    /** The token has expired. */
    EXPIRED,
    /** The token is not valid yet. */
    NOT_YET_VALID,
    /** The token is an ID token, which tells a client who signed in and permits no call. */
    ID_TOKEN,
    /** A required claim is missing or wrong, or the token is of another type. */
    UNFIT;

    /** The name on the wire. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Counts refusals. */
    static final class Counts {

        private final Map<TokenRefusal, LongAdder> counts = Stream.of(values())
                .collect(Collectors.toUnmodifiableMap(refusal -> refusal, refusal -> new LongAdder()));

        void add(TokenRefusal refusal) {
            Objects.requireNonNull(counts.get(refusal)).increment();
        }

        long of(TokenRefusal refusal) {
            return Objects.requireNonNull(counts.get(refusal)).sum();
        }
    }
}
