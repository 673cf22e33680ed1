package io.nexus.oauth.access.issuer;

import io.nexus.oauth.credential.TenantId;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a verified token says of the user for whom a caller asks.
 *
 * @param token the user as a caller
 * @param user the user as the accounts of the service name it
 * @param tenants the user's tenants; empty when the issuer's settings do not tell
 * @param mayAct the claim {@code may_act} (RFC 8693 section 4.4), or null
 */
record VerifiedSubject(
        VerifiedToken token,
        String user,
        Optional<Set<TenantId>> tenants,
        @Nullable Object mayAct) {}
