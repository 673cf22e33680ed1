package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the tenant's credentials stand.
 *
 * @param total all of them
 * @param providers those at each provider that has one
 * @param ending the first ten of those whose token ends within a week and cannot be refreshed
 * @param refreshes the last 24 hours, the oldest first
 */
public record OverviewView(Counts total, List<Counts> providers, List<Ending> ending, List<Hour> refreshes) {

    /**
     * Credentials, counted.
     *
     * @param provider at which provider, or null for all of them
     * @param valid their token works, also where it is ending
     * @param ending of those: the token ends within a week and cannot be refreshed
     * @param expired their token is over, and the grant is not known to be
     * @param lapsed of those: it cannot be refreshed, so the user has to connect again
     * @param reauthRequired the user has to connect again
     * @param revoked revoked here
     * @param failing those whose last refresh failed
     * @param lastFailedAt when a refresh of those failed last, or null
     * @param lastError the code of the latest of those failures, or null
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
     * A credential that ends.
     *
     * @param id its id
     * @param provider the provider
     * @param user the user
     * @param expiresAt when
     */
    public record Ending(UUID id, String provider, String user, Instant expiresAt) {}

    /**
     * What happened in an hour.
     *
     * @param start its beginning
     * @param refreshed tokens that were refreshed
     * @param reauthRequired grants that turned out to be over
     */
    public record Hour(Instant start, long refreshed, long reauthRequired) {}
}
