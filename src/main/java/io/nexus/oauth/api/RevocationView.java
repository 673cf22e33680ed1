package io.nexus.oauth.api;

/**
 * The result of a revocation.
 *
 * @param credential the credential
 * @param atProvider {@code revoked}: the provider has confirmed the revocation; {@code pending}: the provider gave no definite
 *     response, and the service asks again until it does; {@code unsupported}: the provider cannot revoke a single grant;
 *     {@code refused}: the provider refused, and would refuse again; {@code already}: the credential was revoked before, so the
 *     service did not ask the provider
 */
public record RevocationView(CredentialView credential, String atProvider) {}
