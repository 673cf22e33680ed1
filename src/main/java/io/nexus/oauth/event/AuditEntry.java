package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit trail.
 *
 * @param id its number; rising, not without gaps
 * @param at when the change was made, by the database's clock; of lines that tell of several events, the first
 * @param tenant whose data
 * @param operation what was done
 * @param credentialId to which credential, or null
 * @param provider at which provider, or null
 * @param user whose account, or null
 * @param actor who asked for it
 * @param detail a stable code that says more, or null
 * @param subject the API key, OAuth client, connect session or route it was done to, or null
 * @param source the address that the call came from, or null
 * @param version the version of the token material after it, or null
 * @param times how often it happened
 * @param fingerprint the keyed fingerprint of the token that was handed out, as key id, dot, hex; or null
 */
public record AuditEntry(
        long id,
        Instant at,
        TenantId tenant,
        String operation,
        @Nullable UUID credentialId,
        @Nullable String provider,
        @Nullable String user,
        String actor,
        @Nullable String detail,
        @Nullable String subject,
        @Nullable String source,
        @Nullable Long version,
        long times,
        @Nullable String fingerprint) {

    /** Whether it tells of a credential in {@code limits}; what tells of none is in no reach but the whole. */
    public boolean isIn(AccessLimits limits) {
        return limits.isAll()
                || (provider != null && user != null && limits.covers(new AccountKey(tenant, provider, user)));
    }
}
