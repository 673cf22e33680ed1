package io.nexus.oauth.credential;

/**
 * A tenant's key as it is stored.
 *
 * @param id 8 hex digits
 * @param sealed the key, sealed under a master key alone
 */
public record SealedTenantKey(TenantId tenant, String id, SealedSecret sealed) {}
