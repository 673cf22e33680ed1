package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit trail.
 *
 * @param id its number; rising, not without gaps
 * @param at when the change was made, by the database's clock
 * @param tenant whose data
 * @param operation what was done
 * @param credentialId to which credential, or null
 * @param provider at which provider, or null
 * @param user whose account, or null
 * @param actor who asked for it
 * @param detail a stable code that says more, or null
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
        @Nullable String detail) {}
