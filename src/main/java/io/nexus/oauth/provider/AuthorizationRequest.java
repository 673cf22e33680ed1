package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import org.jspecify.annotations.Nullable;

/**
 * An authorization request (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1">RFC 6749 section 4.1.1</a>).
 *
 * @param redirectUri the address to which the provider redirects the browser
 * @param scopes the requested scopes; the provider's base scopes are added
 * @param loginHint the account that the user should choose (OpenID Connect Core section 3.1.2.1), or null
 * @param state binds the response to the request
 * @param codeVerifier the secret whose S256 digest is sent (RFC 7636)
 */
public record AuthorizationRequest(
        String redirectUri, Scopes scopes, @Nullable String loginHint, Secret state, Secret codeVerifier) {}
