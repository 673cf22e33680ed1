package io.nexus.oauth.token.exchange;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.OAuthProvider.TokenExchange;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks providers: one, or with an identity assertion grant first the identity provider of the user, whose assertion nobody else sees.
 * Each request has a slot of its OAuth client, and its verdict counts for that client.
 */
@ApplicationScoped
class UpstreamExchange {

    private static final Duration MIN_RETRY_AFTER = Duration.ofSeconds(1);

    /** The codes about what the caller asks for (RFC 6749 section 5.2, RFC 8693 section 2.2.2). The others are the operator's. */
    private static final Set<String> ABOUT_THE_QUERY = Set.of("invalid_request", "invalid_scope", "invalid_target");

    private final ProviderClients clients;
    private final ClientRegistrations registrations;
    private final RefreshConfig config;
    private final CancellationShield shield;

    UpstreamExchange(
            ProviderClients clients,
            ClientRegistrations registrations,
            RefreshConfig config,
            CancellationShield shield) {
        this.clients = clients;
        this.registrations = registrations;
        this.config = config;
        this.shield = shield;
    }

    /**
     * A new token. Fails with {@link ProviderException.Rejected} when the provider refuses the user's token or what the caller asks for,
     * with {@link ProviderException.Misconfigured} when an operator has to act, and with {@link ProviderException.Unavailable}.
     */
    Uni<ExchangedToken> ask(ExchangeQuery query, ExchangeCall call) {
        TenantId tenant = query.account().tenant();
        OAuthProvider provider = clients.get(query.account().provider());
        String identityProvider = call.identityProvider();
        return registrations
                .get(tenant, provider.id())
                .chain(client -> identityProvider == null
                        ? send(provider, tenant, client, subject(query, null, query.audience()))
                        : assertion(query, identityProvider, provider.assertionAudience(client))
                                .chain(assertion -> send(provider, tenant, client, asserted(query, assertion))))
                .map(response -> token(provider, query, call, response));
    }

    /** The assertion of the user's identity provider (draft-ietf-oauth-identity-assertion-authz-grant section 4.3). */
    private Uni<Secret> assertion(ExchangeQuery query, String identityProvider, String audience) {
        TenantId tenant = query.account().tenant();
        OAuthProvider issuer = clients.get(identityProvider);
        return registrations
                .get(tenant, identityProvider)
                .chain(client -> send(issuer, tenant, client, subject(query, ExchangeCall.ID_JAG, audience)))
                .map(response -> {
                    // a token of another type opens something at the identity provider: it must not go to a third party
                    if (!ExchangeCall.ID_JAG.equals(response.issuedTokenType())) {
                        throw new ProviderException.Misconfigured(
                                identityProvider,
                                "issued_token_type",
                                "it issued a token of another type than an identity assertion grant");
                    }
                    return Objects.requireNonNull(response.accessToken());
                });
    }

    private static TokenExchange subject(
            ExchangeQuery query, @Nullable String requestedType, @Nullable String audience) {
        return new TokenExchange(
                query.subject().token(),
                query.subject().type(),
                requestedType,
                audience,
                query.resources(),
                query.scopes());
    }

    /** The API is in the assertion. */
    private static TokenExchange asserted(ExchangeQuery query, Secret assertion) {
        return new TokenExchange(assertion, ExchangeCall.ID_JAG, null, null, List.of(), query.scopes());
    }

    private static ExchangedToken token(
            OAuthProvider provider, ExchangeQuery query, ExchangeCall call, TokenResponse response) {
        if (AccessToken.needsProof(response.tokenType())) {
            throw new ProviderException.Misconfigured(
                    provider.id(),
                    "token_type",
                    "its tokens need a proof of possession, which this service does not support");
        }
        return new ExchangedToken(
                Objects.requireNonNull(response.accessToken()),
                Objects.requireNonNullElse(response.issuedTokenType(), call.requestedTokenType()),
                response.tokenType(),
                response.expiresAt(),
                Objects.requireNonNullElse(response.scopes(), query.scopes()));
    }

    /** Refreshes of connected accounts, whose tokens end, come first in the queue for a slot. */
    private Uni<TokenResponse> send(
            OAuthProvider provider, TenantId tenant, ClientRegistration client, TokenExchange exchange) {
        return clients.limiter(tenant, client)
                .chain(limiter -> shield.listen(limiter.enter(Long.MAX_VALUE, config.maxWait())))
                .chain(admission -> switch (admission) {
                    case ClientLimiter.Admitted in ->
                        provider.exchangeToken(client, exchange)
                                .invoke(reply ->
                                        in.permit().record(ofOneGrant(reply, exchange), grant(tenant), false, client))
                                .onTermination()
                                .invoke(in.permit()::close)
                                .map(reply -> response(provider, reply));
                    case ClientLimiter.Refused out ->
                        throw out.misconfigured()
                                ? misconfigured(provider, out.code())
                                : unavailable(provider, out.code(), out.retryAfter());
                });
    }

    /** No caller can end a grant here, so no two requests are about the same. */
    private static CredentialKey grant(TenantId tenant) {
        return new CredentialKey(tenant, UUID.randomUUID());
    }

    /** Keycloak calls an audience that it does not know {@code invalid_client}. A caller's choice must not stop the client for all. */
    private static TokenReply ofOneGrant(TokenReply reply, TokenExchange exchange) {
        boolean choosesTarget =
                exchange.audience() != null || !exchange.resources().isEmpty();
        return choosesTarget && reply instanceof TokenReply.Misconfigured wrong && wrong.client()
                ? new TokenReply.Misconfigured(wrong.code(), false)
                : reply;
    }

    private static TokenResponse response(OAuthProvider provider, TokenReply reply) {
        return switch (reply) {
            case TokenReply.Granted granted -> granted.response();
            case TokenReply.Rejected refused -> throw new ProviderException.Rejected(provider.id(), refused.code());
            case TokenReply.Refused refused -> throw new ProviderException.Rejected(provider.id(), refused.code());
            case TokenReply.Misconfigured wrong ->
                throw ABOUT_THE_QUERY.contains(wrong.code())
                        ? new ProviderException.Rejected(provider.id(), wrong.code())
                        : misconfigured(provider, wrong.code());
            case TokenReply.Deferred later ->
                throw unavailable(provider, later.code(), later.retryAfter().orElse(MIN_RETRY_AFTER));
            case TokenReply.Unknown unknown -> throw unavailable(provider, unknown.code(), MIN_RETRY_AFTER);
        };
    }

    private static ProviderException misconfigured(OAuthProvider provider, String code) {
        return new ProviderException.Misconfigured(provider.id(), code, code);
    }

    private static ProviderException unavailable(OAuthProvider provider, String code, Duration retryAfter) {
        return new ProviderException.Unavailable(
                provider.id(), code, retryAfter.compareTo(MIN_RETRY_AFTER) < 0 ? MIN_RETRY_AFTER : retryAfter);
    }
}
