package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccessLimits;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Selects events of the audit trail; a null component does not filter.
 *
 * @param operation the operation
 * @param provider the provider
 * @param user the user of the account
 * @param credentialId the credential
 * @param actor the caller that asked for it
 * @param from the earliest time, inclusive
 * @param to the latest time, exclusive
 * @param newestFirst whether the order is descending
 * @param after the number of the last event of the page before; 0 for the first page
 * @param limits only events of credentials in these limits
 */
public record AuditFilter(
        @Nullable String operation,
        @Nullable String provider,
        @Nullable String user,
        @Nullable UUID credentialId,
        @Nullable String actor,
        @Nullable Instant from,
        @Nullable Instant to,
        boolean newestFirst,
        long after,
        AccessLimits limits) {

    /** This filter with {@code limits}. */
    public AuditFilter within(AccessLimits limits) {
        return new AuditFilter(operation, provider, user, credentialId, actor, from, to, newestFirst, after, limits);
    }

    /** This filter for the page after event {@code last}. */
    public AuditFilter after(long last) {
        return new AuditFilter(operation, provider, user, credentialId, actor, from, to, newestFirst, last, limits);
    }
}
