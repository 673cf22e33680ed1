package io.nexus.oauth.api;

/**
 * The result of a revocation.
 *
 * @param credential the credential
 * @param atProvider {@code revoked}, {@code pending}, {@code unsupported}, {@code refused} or {@code already}
 */
public record RevocationView(CredentialView credential, String atProvider) {}
