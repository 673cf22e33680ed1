package io.nexus.oauth.token.exchange;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A caller's request for a token of an API (RFC 8693 section 2.1).
 *
 * @param account the provider, and the user whose token is exchanged
 * @param subject the token of the user
 * @param audience the API as the provider names it, or null
 * @param resources the addresses of the API, in order
 * @param scopes the scopes that the token must have; none for the provider's default
 */
public record ExchangeQuery(
        AccountKey account, SubjectToken subject, @Nullable String audience, List<String> resources, Scopes scopes) {

    /** Copies the list. */
    public ExchangeQuery {
        resources = List.copyOf(resources);
    }

    /** The API and the scopes, for the audit trail. */
    public String target() {
        return Stream.concat(Stream.ofNullable(audience), Stream.concat(resources.stream(), scopes.values().stream()))
                .collect(Collectors.joining(" "));
    }

    /**
     * The token of a user, verified.
     *
     * @param token the token
     * @param type its type (RFC 8693 section 3)
     * @param digest the digest of the token. Two tokens never share an issued one: each claim of them may decide about it
     * @param expiresAt when it expires
     */
    public record SubjectToken(Secret token, String type, String digest, Instant expiresAt) {}
}
