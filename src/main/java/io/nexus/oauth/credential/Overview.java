package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A summary of a tenant's credentials.
 *
 * @param providers the counts per provider; only providers with a credential
 * @param ending the first ten whose token expires within a week and cannot be refreshed
 * @param refreshes the last 24 hours, oldest first
 */
public record Overview(List<Counts> providers, List<Ending> ending, List<Hour> refreshes) {

    /**
     * The credentials at one provider.
     *
     * @param valid their token is valid, including those that expire soon
     * @param ending part of {@code valid}: the token expires soon and cannot be refreshed
     * @param expired their token expired, and the grant is not known to have ended
     * @param lapsed part of {@code expired}: the token cannot be refreshed, so the user has to connect again
     * @param ended the provider ended the grant, so the user has to connect again
     * @param revoked revoked in this service
     * @param states the number in each state
     * @param failing active ones whose last refresh failed
     * @param failedAt the time of the latest of those failures, or null
     * @param error the code of the latest of those failures, or null
     */
    public record Counts(
            String provider,
            long valid,
            long ending,
            long expired,
            long lapsed,
            long ended,
            long revoked,
            Map<CredentialState, Long> states,
            long failing,
            @Nullable Instant failedAt,
            @Nullable String error) {

        /** Copies the map. */
        public Counts {
            states = Map.copyOf(states);
        }
    }

    /** A credential whose token expires soon and cannot be refreshed. */
    public record Ending(UUID id, String provider, String user, Instant at) {}

    /**
     * One hour.
     *
     * @param start the beginning of the hour
     * @param refreshed the number of refreshed tokens
     * @param ended the number of grants that the provider ended
     * @param handedOut the number of tokens that callers got
     */
    public record Hour(Instant start, long refreshed, long ended, long handedOut) {}
}
