package io.nexus.oauth.provider;

import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server. There is one implementation, which follows a {@link ProviderProfile}; an operator adds a
 * provider with a file. Safe for concurrent use; no method blocks; nothing is sent before subscription.
 *
 * <p>Failures of the token endpoint are values ({@link TokenReply}), because each requires a different action. A {@code
 * Uni} fails only when the request cannot be built ({@link ProviderException}). A request for a grant fails with {@link
 * ProviderException.Misconfigured} when the client's variables differ from those that the grant was issued with.
 */
public interface OAuthProvider {

    /** The provider's profile. */
    ProviderProfile profile();

    /** The refresh timers for this provider. */
    RefreshTimers timers();

    /**
     * The timers for a grant whose token request is {@code request}, or null for the grant of a person. A token request
     * spends nothing, so its repetition needs no quarantine.
     */
    default RefreshTimers timers(@Nullable TokenRequest request) {
        return request == null ? timers() : timers().withoutQuarantine();
    }

    /** Whether a lost response may mean a lost grant; {@code request} as in {@link #timers(TokenRequest)}. */
    default boolean spends(@Nullable TokenRequest request) {
        return request == null && profile().refresh().isRotating();
    }

    /** The provider's id in the catalogue. */
    default String id() {
        return profile().id();
    }

    /**
     * Checks the provider's metadata with the variables of {@code client}. Fails with {@link
     * ProviderException.Misconfigured} when it cannot be used, and with {@link ProviderException.Unavailable} when it
     * cannot be fetched now. Nothing is sent when the profile names no issuer.
     */
    Uni<Void> checkMetadata(ClientRegistration client);

    /**
     * Checks that the metadata of the provider, if it names types of authorization details (RFC 9396 section 10), names those of {@code
     * details}, a JSON array. Fails as {@link #checkMetadata} does.
     */
    Uni<Void> checkDetails(ClientRegistration client, String details);

    /** The URL of the authorization request, for the browser (RFC 6749 section 4.1.1, RFC 7636 section 4.3). */
    Uni<URI> authorizationUrl(ClientRegistration client, AuthorizationRequest request);

    /**
     * Exchanges an authorization code for tokens (RFC 6749 section 4.1.3). Sent at most once.
     *
     * @param callback the parameters of the callback, for providers that send more than the code
     */
    Uni<TokenReply> exchangeCode(ClientRegistration client, CodeExchange exchange, Map<String, String> callback);

    /**
     * Asks for a token without a person (RFC 6749 section 4.4, RFC 7523 section 2.1). Safe to repeat. No reply is {@link
     * TokenReply.Rejected} or {@link TokenReply.Refused}: a refusal is {@link TokenReply.Misconfigured}. The codes {@code
     * public_client} and {@code client_key_missing} say that nothing was sent, because the client cannot prove who it is.
     */
    Uni<TokenReply> requestToken(ClientRegistration client, TokenRequest request);

    /**
     * Exchanges the token of a user for one of an API, as the section {@code token_exchange} of the profile describes (RFC 8693; RFC 7523
     * section 2.1 with an assertion). Safe to repeat; a refresh token in the response is dropped. {@link TokenReply.Rejected} and {@link
     * TokenReply.Refused} are about the user's token. The code {@code unsupported_grant_type} of a profile without the section, and {@code
     * public_client} say that nothing was sent.
     */
    Uni<TokenReply> exchangeToken(ClientRegistration client, TokenExchange exchange);

    /**
     * The name by which the identity provider of a user knows this authorization server: the audience of an assertion for it. Throws {@link
     * ProviderException.Misconfigured} when a variable in it is unset.
     */
    String assertionAudience(ClientRegistration client);

    /**
     * Spends the refresh token (RFC 6749 section 6), or repeats the token request of a machine connection as {@link
     * #requestToken} does. Sent at most once, within {@link RefreshTimers#httpTotal()}.
     */
    Uni<TokenReply> refreshToken(ClientRegistration client, OAuthCredential credential);

    /** Revokes the grant at the provider (RFC 7009, or the vendor's own way). Safe to repeat. */
    Uni<RevocationReply> revokeToken(ClientRegistration client, OAuthCredential credential);

    /** Whether the provider ends all tokens of a client and account when one is revoked. */
    default boolean revocationEndsGrant() {
        return profile().revoke().endsGrant();
    }

    /** Asks the provider whether the access token works. */
    Uni<ValidationReply> validateToken(ClientRegistration client, OAuthCredential credential);

    /** The account; empty when the provider does not disclose it or cannot be reached. */
    Uni<Optional<ReportedAccount>> account(ClientRegistration client, OAuthCredential credential);

    /** Whether an {@code iss} parameter of a callback (RFC 9207) is this provider's issuer; true when none is known. */
    Uni<Boolean> isIssuer(ClientRegistration client, String issuer);

    /**
     * An authorization request (RFC 6749 section 4.1.1).
     *
     * @param redirectUri the address to which the provider redirects the browser
     * @param scopes the requested scopes; the provider's base scopes are added
     * @param loginHint the account that the user should choose (OpenID Connect Core section 3.1.2.1), or null
     * @param wanted what is asked for beside scopes
     * @param state binds the response to the request
     * @param codeVerifier the secret whose S256 digest is sent (RFC 7636)
     */
    record AuthorizationRequest(
            String redirectUri,
            Scopes scopes,
            @Nullable String loginHint,
            GrantRequest wanted,
            Secret state,
            Secret codeVerifier) {}

    /**
     * The input of a token exchange (RFC 8693 section 2.1).
     *
     * @param subjectToken the token of the user
     * @param subjectTokenType its type; a profile may set another
     * @param requestedTokenType the type of the wanted token; null leaves it to the profile
     * @param audience the API, as the provider names it, or null
     * @param resources the addresses of the API, in order
     * @param scopes the requested scopes; none for the provider's default
     */
    record TokenExchange(
            Secret subjectToken,
            String subjectTokenType,
            @Nullable String requestedTokenType,
            @Nullable String audience,
            List<String> resources,
            Scopes scopes) {
        /** Copies the list. */
        public TokenExchange {
            resources = List.copyOf(resources);
        }
    }

    /** The input of a code exchange; {@code wanted} is that of the authorization request, and {@code codeVerifier} is that of RFC 7636. */
    record CodeExchange(Secret code, String redirectUri, GrantRequest wanted, Secret codeVerifier) {}
}
