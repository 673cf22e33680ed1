package io.nexus.oauth.provider.reply;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} (RFC 9110 section 10.2.3). */
final class RetryAfter {

    private static final Duration LONGEST = Duration.ofMinutes(15);

    private RetryAfter() {}

    /** The wish from {@code now} on, at most 15 minutes; empty when there is none that can be read. */
    static Optional<Duration> read(@Nullable String value, Instant now) {
        String text = value == null ? "" : value.strip();
        return (text.matches("\\d+") ? Optional.of(seconds(text)) : date(text, now)).map(RetryAfter::bounded);
    }

    /** However many digits there are: what no long holds is a wish to wait for as long as we do. */
    private static Duration seconds(String digits) {
        try {
            return Duration.ofSeconds(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return LONGEST;
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

    private static Duration bounded(Duration wish) {
        if (wish.isNegative()) {
            return Duration.ZERO;
        }
        return wish.compareTo(LONGEST) > 0 ? LONGEST : wish;
    }
}
