package io.nexus.oauth.credential;

/**
 * What a tenant has.
 *
 * @param active credentials that work
 * @param reauthorizationRequired credentials whose user has to connect again
 * @param revoked credentials that were revoked
 * @param pending revocations that its providers have not confirmed
 * @param clients OAuth clients that were registered for it by REST
 */
public record TenantCounts(long active, long reauthorizationRequired, long revoked, long pending, long clients) {}
