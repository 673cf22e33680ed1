package io.nexus.oauth.provider.reply;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code Retry-After} (RFC 9110 section 10.2.3). It is honoured for the whole OAuth client by {@code token.client.CircuitBreaker},
 * and for the one credential by {@code token.refresh.RefreshAttempt}.
 */
final class RetryAfter {

    private static final Duration MAX_DELAY = Duration.ofMinutes(15);

    private RetryAfter() {}

    /** The delay from {@code now}, at most 15 minutes; empty when the header is missing or malformed. */
    static Optional<Duration> read(@Nullable String value, Instant now) {
        String text = value == null ? "" : value.strip();
        return (text.matches("\\d+") ? Optional.of(seconds(text)) : date(text, now)).map(RetryAfter::bounded);
    }

    /** A number too large for a long counts as the maximum. */
    private static Duration seconds(String digits) {
        try {
            return Duration.ofSeconds(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return MAX_DELAY;
        }
    }

    private static Optional<Duration> date(String text, Instant now) {
        try {
            Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Optional.of(Duration.between(now, until));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration delay) {
        if (delay.isNegative()) {
            return Duration.ZERO;
        }
        return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
    }
}
