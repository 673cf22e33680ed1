package io.nexus.oauth.token.exchange;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token that a provider issued for that of a user.
 *
 * @param value the token
 * @param type its type (RFC 8693 section 3)
 * @param tokenType how the caller sends it, usually {@code Bearer}
 * @param expiresAt when it expires, or null when it does not
 * @param scopes the granted scopes; none when nobody named any
 */
public record ExchangedToken(
        Secret value,
        String type,
        String tokenType,
        @Nullable Instant expiresAt,
        Scopes scopes) {}
