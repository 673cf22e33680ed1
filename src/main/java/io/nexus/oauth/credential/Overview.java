package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the credentials of a tenant stand.
 *
 * @param providers the counts for each provider at which there is one
 * @param ending of those whose token ends within a week and cannot be refreshed the first ten
 * @param refreshes the last 24 hours, the oldest first
 */
public record Overview(List<Counts> providers, List<Ending> ending, List<Hour> refreshes) {

    /**
     * The credentials at one provider.
     *
     * @param valid their token works, also where it is ending
     * @param ending of those: the token ends soon and cannot be refreshed
     * @param expired their token is over and the grant is not known to be
     * @param lapsed of those: it cannot be refreshed, so the user has to connect again
     * @param ended the user has to connect again
     * @param revoked revoked here
     * @param failing active ones whose last refresh failed
     * @param failedAt when a refresh of those failed last, or null
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
            long failing,
            @Nullable Instant failedAt,
            @Nullable String error) {}

    /** A credential whose token ends soon and cannot be refreshed. */
    public record Ending(UUID id, String provider, String user, Instant at) {}

    /**
     * One hour.
     *
     * @param start its beginning
     * @param refreshed tokens that were refreshed in it
     * @param ended grants that turned out to be over in it
     */
    public record Hour(Instant start, long refreshed, long ended) {}
}
