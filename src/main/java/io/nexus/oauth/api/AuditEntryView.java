package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the audit trail.
 *
 * @param id its number
 * @param at the time of the event; of the first event if the entry counts several
 * @param operation the operation
 * @param credentialId the credential, or null
 * @param provider the provider, or null
 * @param user the user, or null
 * @param actor the caller
 * @param subject the API key, OAuth client, connect session or route concerned, or null
 * @param source the network address of the caller, or null
 * @param version the version of the token after the operation, or null
 * @param times the number of events
 * @param detail a stable code with details, or null
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
