package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;

/**
 * An authorization request (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1">RFC 6749 section 4.1.1</a>).
 *
 * @param redirectUri the address to which the provider redirects the browser
 * @param scopes the requested scopes; the provider's base scopes are added
 * @param state binds the response to the request
 * @param codeVerifier the secret whose S256 digest is sent (RFC 7636)
 */
public record AuthorizationRequest(String redirectUri, Scopes scopes, Secret state, Secret codeVerifier) {}
