package io.nexus.oauth.cli.connection;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the service's API.
 *
 * @param status the HTTP status
 * @param retryAfter the value of {@code Retry-After}, or null
 * @param body the body; empty when there is none
 */
public record ApiAnswer(int status, @Nullable String retryAfter, String body) {

    /** Whether the status is 2xx. */
    public boolean isSuccess() {
        return status / 100 == 2;
    }

    /** How long to wait before the next try; empty when the service named no seconds. */
    Optional<Duration> pause() {
        return Optional.ofNullable(retryAfter)
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    }

    /** Without the body, which may hold a token. */
    @Override
    public String toString() {
        return "ApiAnswer[" + status + "]";
    }
}
