package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of the audit trail.
 *
 * @param id its number
 * @param at when it happened; of lines that tell of several events, the first
 * @param operation what was done
 * @param credentialId to which credential, or null
 * @param provider at which provider, or null
 * @param user whose account, or null
 * @param actor who asked for it
 * @param subject the API key, OAuth client, connect session or route it was done to, or null
 * @param source the address that the call came from, or null
 * @param version the version of the token after it, or null
 * @param times how often it happened
 * @param detail a stable code that says more, or null
 */
public record AuditEntryView(
        long id,
        Instant at,
        String operation,
        @Nullable UUID credentialId,
        @Nullable String provider,
        @Nullable String user,
        String actor,
        @Nullable String subject,
        @Nullable String source,
        @Nullable Long version,
        long times,
        @Nullable String detail) {}
