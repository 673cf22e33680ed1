package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The number of the tenant's credentials by status.
 *
 * @param total all credentials
 * @param providers the credentials of each provider that has any
 * @param ending the first ten credentials whose token expires within a week and cannot be refreshed
 * @param refreshes the last 24 hours, oldest first
 */
public record OverviewView(Counts total, List<Counts> providers, List<Ending> ending, List<Hour> refreshes) {

    /**
     * Counts of credentials.
     *
     * @param provider the provider, or null for all
     * @param valid credentials with a valid token, including {@code ending}
     * @param ending valid credentials whose token expires within a week and cannot be refreshed
     * @param expired active credentials with an expired token
     * @param lapsed expired credentials without a refresh token: the user has to reconnect
     * @param reauthRequired credentials whose grant the provider rejected: the user has to reconnect
     * @param revoked credentials revoked in the service
     * @param failing credentials whose last refresh failed
     * @param lastFailedAt the time of the latest failure, or null
     * @param lastError the code of the latest failure, or null
     */
    public record Counts(
            @Nullable String provider,
            long valid,
            long ending,
            long expired,
            long lapsed,
            long reauthRequired,
            long revoked,
            long failing,
            @Nullable Instant lastFailedAt,
            @Nullable String lastError) {}

    /**
     * A credential that expires soon.
     *
     * @param id its id
     * @param provider the provider
     * @param user the user
     * @param expiresAt the expiry of its token
     */
    public record Ending(UUID id, String provider, String user, Instant expiresAt) {}

    /**
     * The refreshes of one hour.
     *
     * @param start the start of the hour
     * @param refreshed the number of refreshed tokens
     * @param reauthRequired the number of grants found expired or revoked
     */
    public record Hour(Instant start, long refreshed, long reauthRequired) {}
}
