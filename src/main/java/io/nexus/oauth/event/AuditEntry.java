package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event of the audit trail.
 *
 * @param id its number; ascending, with gaps
 * @param at when it happened, by the database's clock; for an entry of several events, the time of the first
 * @param tenant the tenant of the data
 * @param operation the operation
 * @param credentialId the credential, or null
 * @param provider the provider, or null
 * @param user the user of the account, or null
 * @param actor the caller that asked for it
 * @param detail a stable code with more information, or null
 * @param subject the API key, OAuth client, connect session or route that was the target, or null
 * @param source the network address of the caller, or null
 * @param version the version of the token material afterwards, or null
 * @param times how often it happened
 * @param fingerprint the keyed fingerprint of the issued token, as key id, dot, hex; or null
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

    /**
     * Whether it concerns a credential in {@code limits}. An entry without a credential is only in unlimited limits.
     */
    public boolean isIn(AccessLimits limits) {
        return limits.isAll()
                || (provider != null && user != null && limits.covers(new AccountKey(tenant, provider, user)));
    }
}
