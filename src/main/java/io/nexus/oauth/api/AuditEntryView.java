package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of the audit trail.
 *
 * @param id its number
 * @param at when it happened
 * @param operation what was done
 * @param credentialId to which credential, or null
 * @param provider at which provider, or null
 * @param user whose account, or null
 * @param actor who asked for it
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
        @Nullable String detail) {}
