package io.nexus.oauth.provider;

import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Authorize;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.Pkce;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReplyBody;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenReplyReader;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The authorization endpoint of one provider (RFC 6749 section 3.1). Where the metadata or the profile demands it, the service sends
 * the parameters to the provider first, and the browser brings a reference to them (RFC 9126).
 */
final class AuthorizationEndpoint {

    private static final String LOGIN_HINT = "login_hint";
    private static final String RESOURCE = "resource";

    /** It becomes part of an address that browsers and proxies have to take. */
    private static final int MAX_REFERENCE = 2048;

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofSeconds(10);

    private final ProviderProfile profile;
    private final Endpoints endpoints;
    private final HttpExchange exchange;
    private final InstantSource clock;
    private final ClientSecretFallback secrets;

    AuthorizationEndpoint(ProviderProfile profile, Endpoints endpoints, HttpExchange exchange, InstantSource clock) {
        this.profile = profile;
        this.endpoints = endpoints;
        this.exchange = exchange;
        this.clock = clock;
        this.secrets = new ClientSecretFallback(profile.id());
    }

    /** The address to which the browser is redirected. Fails as {@link OAuthProvider#authorizationUrl} does. */
    Uni<URI> url(TemplateVariables vars, ClientRegistration client, AuthorizationRequest request) {
        OutgoingRequest wanted = wanted(params(vars, client, request), request.wanted());
        return endpoints
                .authorize(vars)
                .chain(url -> endpoints
                        .pushed(vars)
                        .chain(place -> place.isEmpty()
                                ? Uni.createFrom().item(wanted.append(url))
                                : push(place.get(), vars, client, wanted)
                                        .map(reference -> OutgoingRequest.append(url, reference(client, reference)))));
    }

    /** RFC 9126 section 4: the provider ignores the other parameters. */
    private Map<String, String> reference(ClientRegistration client, String requestUri) {
        Map<String, String> standard = new LinkedHashMap<>();
        standard.put("client_id", client.clientId());
        standard.put("request_uri", requestUri);
        return renamed(standard);
    }

    /** Sends the parameters (RFC 9126 section 2.1) and returns the reference. The request is safe to repeat. */
    private Uni<String> push(URI place, TemplateVariables vars, ClientRegistration client, OutgoingRequest wanted) {
        long end = System.nanoTime() + REQUEST_TIMEOUT.toNanos();
        return endpoints
                .auth(vars, profile.token().auth(), client)
                .chain(auth -> endpoints
                        .forAuth(vars, place, Discovery.PUSHED, auth)
                        .chain(url -> secrets.send(
                                client,
                                client.second(auth),
                                answer -> isClientRefused(auth, client, answer),
                                ExchangeResult.NotSent.class::isInstance,
                                each -> endpoints
                                        .assertion(vars, auth, each)
                                        .chain(proof -> exchange.send(
                                                profile.id(),
                                                RequestListener.Endpoint.PUSH,
                                                wanted.copy()
                                                        .client(auth, each, proof)
                                                        .call(
                                                                "POST",
                                                                url,
                                                                BodyFormat.FORM,
                                                                left(end),
                                                                TokenEndpoint.MAX_REPLY_BYTES)
                                                        .ownedBy(each.ownerName())
                                                        .showing(each.shown(auth))))))
                        .map(answer -> requestUri(auth, client, answer)));
    }

    private static Duration left(long end) {
        return Duration.ofNanos(end - System.nanoTime());
    }

    private OutgoingRequest wanted(Map<String, String> params, GrantRequest beside) {
        OutgoingRequest request = new OutgoingRequest(Map.of(), Set.of());
        params.forEach(request::param);
        renamed(Map.of(RESOURCE, "")).keySet().forEach(name -> request.standard(name, beside.resources()));
        return request;
    }

    private boolean isClientRefused(ClientAuth auth, ClientRegistration client, ExchangeResult answer) {
        return TokenEndpoint.isClientRefused(refusal(auth, client, answer));
    }

    private String requestUri(ClientAuth auth, ClientRegistration client, ExchangeResult answer) {
        if (answer instanceof ExchangeResult.Complete complete && complete.status() / 100 == 2) {
            return ReplyBody.json(complete.body())
                    .map(body -> body.text("/request_uri"))
                    .filter(reference -> reference.length() <= MAX_REFERENCE)
                    .orElseThrow(() ->
                            new ProviderException.Unavailable(profile.id(), "unreadable_reply", RETRY_AFTER_FAILURE));
        }
        throw failure(refusal(auth, client, answer));
    }

    /** Errors have the codes and the form of the token endpoint (RFC 9126 section 2.3). */
    private TokenReply refusal(ClientAuth auth, ClientRegistration client, ExchangeResult answer) {
        return new TokenReplyReader(profile, clock.instant(), false, false, TokenEndpoint.authenticates(auth, client))
                .read(answer);
    }

    private ProviderException failure(TokenReply reply) {
        return switch (reply) {
            case TokenReply.Deferred later ->
                new ProviderException.Unavailable(
                        profile.id(), later.code(), later.retryAfter().orElse(RETRY_AFTER_FAILURE));
            case TokenReply.Unknown lost ->
                new ProviderException.Unavailable(profile.id(), lost.code(), RETRY_AFTER_FAILURE);
            default ->
                new ProviderException.Misconfigured(
                        profile.id(), reply.code(), "it refuses the authorization request: " + reply.code());
        };
    }

    private Map<String, String> params(
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
        String details = request.wanted().authorizationDetails();
        if (details != null) {
            standard.put("authorization_details", details);
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
}
