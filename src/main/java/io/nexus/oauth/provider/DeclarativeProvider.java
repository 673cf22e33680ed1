package io.nexus.oauth.provider;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.provider.reply.GrantMetadata;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The only implementation: its profile determines its behaviour. */
final class DeclarativeProvider implements OAuthProvider {

    private final ProviderProfile profile;
    private final RefreshTimers timers;
    private final Endpoints endpoints;
    private final AuthorizationEndpoint authorization;
    private final TokenEndpoint tokens;
    private final RevocationEndpoint revocation;
    private final IdentityEndpoint identity;
    private final OidcClientTokens oidc;

    DeclarativeProvider(
            ProviderProfile profile,
            RefreshTimers timers,
            Endpoints endpoints,
            AuthorizationEndpoint authorization,
            TokenEndpoint tokens,
            RevocationEndpoint revocation,
            IdentityEndpoint identity,
            OidcClientTokens oidc) {
        this.profile = profile;
        this.timers = timers;
        this.endpoints = endpoints;
        this.authorization = authorization;
        this.tokens = tokens;
        this.revocation = revocation;
        this.identity = identity;
        this.oidc = oidc;
    }

    @Override
    public ProviderProfile profile() {
        return profile;
    }

    @Override
    public RefreshTimers timers() {
        return timers;
    }

    @Override
    public Uni<URI> authorizationUrl(ClientRegistration client, AuthorizationRequest request) {
        return Uni.createFrom()
                .deferred(() -> authorization.url(endpoints.variables(client, Map.of()), client, request));
    }

    @Override
    public Uni<Void> checkMetadata(ClientRegistration client) {
        return Uni.createFrom().deferred(() -> endpoints.check(endpoints.variables(client, Map.of()), client));
    }

    @Override
    public Uni<Void> checkDetails(ClientRegistration client, String details) {
        return Uni.createFrom().deferred(() -> endpoints.checkDetails(endpoints.variables(client, Map.of()), details));
    }

    @Override
    public Uni<TokenReply> exchangeCode(
            ClientRegistration client, CodeExchange exchange, Map<String, String> callback) {
        return Uni.createFrom()
                .deferred(() -> tokens.exchange(
                        endpoints.variables(client, GrantMetadata.variables(profile, callback)), client, exchange))
                .map(reply -> reply instanceof TokenReply.Granted granted
                        ? new TokenReply.Granted(GrantMetadata.withCallback(profile, granted.response(), callback))
                        : reply);
    }

    @Override
    public Uni<TokenReply> requestToken(ClientRegistration client, TokenRequest request) {
        return request.oidcClient() == null
                ? Uni.createFrom()
                        .deferred(() -> tokens.request(endpoints.variables(client, Map.of()), client, request))
                : oidc.requestToken(profile, request.oidcClient(), timers.httpTotal());
    }

    @Override
    public Uni<TokenReply> exchangeToken(ClientRegistration client, TokenExchange exchange) {
        return Uni.createFrom()
                .deferred(() -> tokens.exchange(endpoints.variables(client, Map.of()), client, exchange));
    }

    @Override
    public String assertionAudience(ClientRegistration client) {
        ExchangeCall exchange = profile.tokenExchange();
        String template = exchange == null ? null : exchange.audience();
        TemplateVariables vars = endpoints.variables(client, Map.of());
        return (template == null ? endpoints.issuer(vars) : vars.text(template))
                .orElseThrow(() -> new ProviderException.Misconfigured(
                        profile.id(), "missing_issuer", "token_exchange.audience has no value"));
    }

    @Override
    public Uni<TokenReply> refreshToken(ClientRegistration client, OAuthCredential credential) {
        TokenRequest request = credential.request();
        if (request != null && request.oidcClient() != null) {
            return requestToken(client, request);
        }
        if (request != null) {
            return Uni.createFrom().deferred(() -> tokens.request(variables(client, credential), client, request));
        }
        Secret token = credential.refreshToken();
        if (token == null) {
            return Uni.createFrom().item(new TokenReply.Rejected("no_refresh_token", true));
        }
        return Uni.createFrom()
                .deferred(() -> tokens.refresh(variables(client, credential), client, credential, token));
    }

    @Override
    public Uni<RevocationReply> revokeToken(ClientRegistration client, OAuthCredential credential) {
        String id = client.authentication().oidcClient();
        if (id != null) {
            return oidc.revokeToken(profile, id, credential.accessToken());
        }
        return Uni.createFrom()
                .deferred(() -> revocation.revoke(variables(client, credential), client, credential))
                .chain(reply -> reply.map(Uni.createFrom()::item).orElseGet(() -> revokeRenewed(client, credential)))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(RevocationReply.UNKNOWN);
    }

    /**
     * Revokes with a renewed access token, because the old one has expired and cannot authenticate its own revocation.
     * Without a refresh token nothing is left to revoke. With one, the grant is still valid; its refresh token may be
     * spent, because the grant is to be revoked. A rejected refresh token means that the grant is already revoked.
     */
    private Uni<RevocationReply> revokeRenewed(ClientRegistration client, OAuthCredential credential) {
        if (credential.refreshToken() == null) {
            return Uni.createFrom().item(RevocationReply.REVOKED);
        }
        return refreshToken(client, credential).chain(reply -> switch (reply) {
            case TokenReply.Granted granted
            when granted.response().accessToken() != null ->
                revocation
                        .revoke(
                                variables(client, credential),
                                client,
                                OAuthCredential.bearer(
                                        Objects.requireNonNull(
                                                granted.response().accessToken()),
                                        null,
                                        null))
                        .map(answer -> answer.orElse(RevocationReply.UNKNOWN));
            case TokenReply.Rejected rejected -> Uni.createFrom().item(RevocationReply.REVOKED);
            default -> Uni.createFrom().item(RevocationReply.UNKNOWN);
        });
    }

    @Override
    public Uni<ValidationReply> validateToken(ClientRegistration client, OAuthCredential credential) {
        return Uni.createFrom()
                .deferred(() -> identity.validate(variables(client, credential), credential))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(ValidationReply.UNKNOWN);
    }

    @Override
    public Uni<Optional<ReportedAccount>> account(ClientRegistration client, OAuthCredential credential) {
        return Uni.createFrom()
                .deferred(() -> identity.reported(variables(client, credential), credential))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(Optional.empty());
    }

    @Override
    public Uni<Boolean> isIssuer(ClientRegistration client, String issuer) {
        Issuer known = profile.issuer();
        return Uni.createFrom()
                .item(() -> known == null
                        || endpoints
                                .issuer(endpoints.variables(client, Map.of()))
                                .map(url -> Discovery.isSame(issuer, url, known))
                                .orElse(true));
    }

    /** Every use of a grant passes here: with other variables than its own, the grant would be sent to another host. */
    private TemplateVariables variables(ClientRegistration client, OAuthCredential credential) {
        if (!client.vars().equals(credential.clientVars())) {
            throw ProviderException.Misconfigured.clientChanged(profile.id());
        }
        return endpoints.variables(client, credential.metadata());
    }
}
