package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;

/**
 * An authorization request (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1">RFC 6749 section 4.1.1</a>).
 *
 * @param redirectUri where the provider sends the browser back to
 * @param scopes what is asked for; the provider's base scopes are added
 * @param state binds the answer to the request
 * @param codeVerifier the secret whose S256 digest is sent (RFC 7636)
 */
public record AuthorizationRequest(String redirectUri, Scopes scopes, Secret state, Secret codeVerifier) {}
