package io.nexus.oauth.provider;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * What an authorization server can do for us. There is one implementation, which reads a provider's {@link ProviderProfile};
 * an operator adds a provider with a file. Safe for concurrent use; no method blocks; nothing is sent before subscription.
 *
 * <p>Failures of the token endpoint are values ({@link TokenReply}), because each asks for another action. A {@code Uni} fails
 * only when the request cannot be built ({@link ProviderException}). What is asked with a grant fails with {@link
 * ProviderException.Misconfigured} when the client's variables are not those that the grant was made with.
 */
public interface OAuthProvider {

    /** What is known of the provider. */
    ProviderProfile profile();

    /** The refresh timers that suit it. */
    RefreshTimers timers();

    /** The provider's id in the catalogue. */
    default String id() {
        return profile().id();
    }

    /** The URL that the browser is sent to (RFC 6749 section 4.1.1, RFC 7636 section 4.3). */
    Uni<URI> authorizationUrl(ClientRegistration client, AuthorizationRequest request);

    /**
     * Trades an authorization code for tokens (RFC 6749 section 4.1.3). Sent at most once.
     *
     * @param callback the parameters of the callback, for providers that say more there than the code
     */
    Uni<TokenReply> exchangeCode(ClientRegistration client, CodeExchange exchange, Map<String, String> callback);

    /** Spends the refresh token (RFC 6749 section 6). Sent at most once, within {@link RefreshTimers#httpTotal()}. */
    Uni<TokenReply> refreshToken(ClientRegistration client, OAuthCredential credential);

    /** Revokes the grant at the provider (RFC 7009 where it speaks that). Safe to repeat. */
    Uni<RevocationReply> revokeToken(ClientRegistration client, OAuthCredential credential);

    /** Asks the provider whether the access token works. */
    Uni<ValidationReply> validateToken(ClientRegistration client, OAuthCredential credential);

    /** Who the account is, where the provider tells it; empty when it does not or cannot be reached. */
    Uni<Optional<AccountIdentity>> identity(ClientRegistration client, OAuthCredential credential);

    /** Whether an {@code iss} parameter of a callback (RFC 9207) is this provider's issuer; true when none is known. */
    Uni<Boolean> isIssuer(ClientRegistration client, String issuer);

    /** What is needed to trade a code. The verifier is RFC 7636's. */
    record CodeExchange(Secret code, String redirectUri, Secret codeVerifier) {}
}
