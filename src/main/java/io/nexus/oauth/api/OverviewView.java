package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The state of the tenant's credentials.
 *
 * @param total all credentials
 * @param providers the credentials at each provider
 * @param ending the first ten credentials that end within a week: the refresh token expires, or the access token without one
 * @param refreshes the last 24 hours, the oldest first
 */
public record OverviewView(Counts total, List<Counts> providers, List<Ending> ending, List<Hour> refreshes) {

    /**
     * Counts of credentials.
     *
     * @param provider the provider; null in the total
     * @param valid deprecated, use {@code states}. Credentials with a valid token
     * @param ending those that end within a week: the refresh token expires, or the access token without one
     * @param expired deprecated, use {@code states}. Credentials with an expired token whose grant is not known to have ended
     * @param lapsed those of {@code expired} without a refresh token: the user has to connect again
     * @param reauthRequired deprecated, use {@code states}. Credentials whose grant the provider ended
     * @param revoked deprecated, use {@code states}. Revoked credentials
     * @param states the number of credentials in each {@code state}
     * @param failing credentials whose last refresh failed
     * @param lastFailedAt when a refresh of these failed last; null when none did
     * @param lastError the code of the latest of these failures; null when there is none
     */
    public record Counts(
            @Nullable String provider,
            long valid,
            long ending,
            long expired,
            long lapsed,
            long reauthRequired,
            long revoked,
            Map<String, Long> states,
            long failing,
            @Nullable Instant lastFailedAt,
            @Nullable String lastError) {}

    /**
     * A credential whose token expires soon.
     *
     * @param id the id of the credential
     * @param provider the provider
     * @param user the user of the account
     * @param expiresAt when the token expires
     */
    public record Ending(UUID id, String provider, String user, Instant expiresAt) {}

    /**
     * The counts of one hour.
     *
     * @param start the start of the hour
     * @param refreshed how many tokens were refreshed
     * @param reauthRequired how many grants turned out to have ended
     * @param handedOut how often callers got a token
     */
    public record Hour(Instant start, long refreshed, long reauthRequired, long handedOut) {}
}
