package io.nexus.oauth.provider;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.ProfileTerm.Pkce;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Authorize;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.reply.GrantMetadata;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The only implementation: its profile determines its behaviour. */
final class DeclarativeProvider implements OAuthProvider {

    private static final String LOGIN_HINT = "login_hint";

    private final ProviderProfile profile;
    private final RefreshTimers timers;
    private final Endpoints endpoints;
    private final TokenEndpoint tokens;
    private final AccountEndpoints account;

    DeclarativeProvider(
            ProviderProfile profile,
            RefreshTimers timers,
            Endpoints endpoints,
            TokenEndpoint tokens,
            AccountEndpoints account) {
        this.profile = profile;
        this.timers = timers;
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.account = account;
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
        return Uni.createFrom().deferred(() -> {
            TemplateVariables vars = endpoints.variables(client, Map.of());
            return endpoints
                    .authorize(vars)
                    .map(url -> OutgoingRequest.append(url, authorizationParams(vars, client, request)));
        });
    }

    private Map<String, String> authorizationParams(
            TemplateVariables vars, ClientRegistration client, AuthorizationRequest request) {
        Authorize authorize = profile.authorize();
        Map<String, String> standard = new LinkedHashMap<>();
        standard.put("client_id", client.clientId());
        standard.put("redirect_uri", request.redirectUri());
        standard.put("response_type", "code");
        Map<String, String> params = renamed(standard);
        params.putAll(scopeParams(client.requested(request.scopes(), profile)));
        authorize.params().forEach((name, value) -> vars.text(value).ifPresent(text -> params.put(name, text)));
        standard.clear();
        String hint = request.loginHint();
        if (hint != null && knowsLoginHint()) {
            standard.put(LOGIN_HINT, hint);
        }
        standard.put("state", request.state().reveal());
        if (authorize.pkce() != Pkce.OFF) {
            standard.put("code_challenge", challenge(request.codeVerifier()));
            standard.put("code_challenge_method", "S256");
        }
        params.putAll(renamed(standard));
        return params;
    }

    /** A parameter of OpenID Connect (Core section 3.1.2.1); some other servers have one of their own. */
    private boolean knowsLoginHint() {
        return profile.issuer() != null || profile.authorize().paramNames().containsKey(LOGIN_HINT);
    }

    private Map<String, String> renamed(Map<String, String> standard) {
        Map<String, String> renamed = new LinkedHashMap<>();
        standard.forEach((name, value) -> {
            if (!profile.authorize().omit().contains(name)) {
                renamed.put(profile.authorize().paramNames().getOrDefault(name, name), value);
            }
        });
        return renamed;
    }

    /** With several sets of scopes, {@code <set>:<scope>} names the set; a scope without a set belongs to the first. */
    private Map<String, String> scopeParams(Scopes scopes) {
        Map<String, String> sets = profile.authorize().scopeParams();
        Map<String, Scopes> byParam = new LinkedHashMap<>();
        for (String scope : scopes.values()) {
            String set = sets.keySet().stream()
                    .filter(name -> sets.size() > 1 && scope.startsWith(name + ":"))
                    .findFirst()
                    .orElse("");
            String param = set.isEmpty() ? sets.values().iterator().next() : sets.getOrDefault(set, set);
            String bare = set.isEmpty() ? scope : scope.substring(set.length() + 1);
            byParam.merge(param, Scopes.parse(bare), (all, one) -> all.plus(one.values()));
        }
        Map<String, String> params = new LinkedHashMap<>();
        byParam.forEach((param, values) ->
                params.put(param, values.join(profile.authorize().scopeSeparator())));
        return params;
    }

    /** RFC 7636 section 4.2. */
    private static String challenge(Secret verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(verifier.reveal().getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Uni<Void> checkMetadata(ClientRegistration client) {
        return Uni.createFrom().deferred(() -> endpoints.check(endpoints.variables(client, Map.of()), client));
    }

    @Override
    public Uni<TokenReply> exchangeCode(
            ClientRegistration client, CodeExchange exchange, Map<String, String> callback) {
        return Uni.createFrom()
                .deferred(() -> tokens.exchange(endpoints.variables(client, Map.of()), client, exchange))
                .map(reply -> reply instanceof TokenReply.Granted granted
                        ? new TokenReply.Granted(GrantMetadata.withCallback(profile, granted.response(), callback))
                        : reply);
    }

    @Override
    public Uni<TokenReply> requestToken(ClientRegistration client, TokenRequest request) {
        return Uni.createFrom().deferred(() -> tokens.request(endpoints.variables(client, Map.of()), client, request));
    }

    @Override
    public Uni<TokenReply> refreshToken(ClientRegistration client, OAuthCredential credential) {
        TokenRequest request = credential.request();
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
        return Uni.createFrom()
                .deferred(() -> account.revoke(variables(client, credential), client, credential))
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
                account.revoke(
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
                .deferred(() -> account.validate(variables(client, credential), credential))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(ValidationReply.UNKNOWN);
    }

    @Override
    public Uni<Optional<ReportedAccount>> account(ClientRegistration client, OAuthCredential credential) {
        return Uni.createFrom()
                .deferred(() -> account.reported(variables(client, credential), credential))
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
