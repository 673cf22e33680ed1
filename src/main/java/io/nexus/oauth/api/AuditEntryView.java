package io.nexus.oauth.api;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of the audit trail.
 *
 * @param id its number. Numbers rise but have gaps
 * @param at when it happened. A line for several equal events has the time of the first
 * @param operation the operation
 * @param credentialId the credential; null when the operation concerns none
 * @param provider the provider; null when the operation concerns none
 * @param user the user of the account; null when the operation concerns none
 * @param actor the caller. {@code browser} is the person that opened a link, {@code system} the service itself
 * @param subject the API key, OAuth client, policy, master key, connect session or route; null when there is none
 * @param source the address that the call came from; null when it is not recorded
 * @param version the version of the token after the operation; null when the operation concerns no token
 * @param times how many equal events the line stands for
 * @param detail a stable code with more detail; null when there is none
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
