package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccessLimits;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of the audit trail are wanted; what is null is not asked for.
 *
 * @param operation what was done
 * @param provider at which provider
 * @param user whose account
 * @param credentialId to which credential
 * @param actor who asked for it
 * @param from not before this
 * @param to before this
 * @param newestFirst whether the newest come first
 * @param after only numbers beyond this one, in that order; 0 for the beginning
 * @param limits only of credentials in it
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

    /** The same, of what is in {@code limits} too. */
    public AuditFilter within(AccessLimits limits) {
        return new AuditFilter(operation, provider, user, credentialId, actor, from, to, newestFirst, after, limits);
    }

    /** The same, from another place on. */
    public AuditFilter after(long last) {
        return new AuditFilter(operation, provider, user, credentialId, actor, from, to, newestFirst, last, limits);
    }
}
