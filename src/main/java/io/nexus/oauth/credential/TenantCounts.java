package io.nexus.oauth.credential;

/**
 * The number of records of a tenant.
 *
 * @param active active credentials
 * @param reauthorizationRequired credentials whose user has to connect again
 * @param revoked revoked credentials
 * @param pending revocations that the providers have not confirmed
 * @param clients OAuth clients that were registered through the API
 */
public record TenantCounts(long active, long reauthorizationRequired, long revoked, long pending, long clients) {}
