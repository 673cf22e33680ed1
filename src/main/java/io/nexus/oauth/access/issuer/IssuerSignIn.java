package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.credential.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Signs people in at one issuer: the authorization code flow of OpenID Connect Core 1.0 section 3.1, always with PKCE
 * (RFC 7636) and a nonce. The issuer's metadata is cached as long as its keys. No method blocks; all fail with {@link
 * IssuerUnavailable} when the issuer gives no usable response.
 */
final class IssuerSignIn {

    private static final Logger LOG = Logger.getLogger(IssuerSignIn.class);
    private static final String SELECT_ACCOUNT = "select_account";

    private final String name;
    private final IssuerConfig issuer;
    private final IssuerConfig.SignIn client;
    private final IssuerClient fetch;
    private final TrustedIssuer trusted;
    private final PersonClaims persons;
    private @Nullable Future<JsonObject> metadata;
    private long fetchedAt;

    IssuerSignIn(
            String name, IssuerConfig issuer, IssuerConfig.SignIn client, IssuerClient fetch, TrustedIssuer trusted) {
        this.name = name;
        this.issuer = issuer;
        this.client = client;
        this.fetch = fetch;
        this.trusted = trusted;
        this.persons = new PersonClaims(fetch, trusted);
    }

    /** The display name. */
    String label() {
        return client.label().orElse(name);
    }

    /** Its {@code iss}. */
    public String issuer() {
        return issuer.issuer();
    }

    /** Whether sign-out ends the session at the issuer, too. */
    boolean endsSession() {
        return client.issuerLogout();
    }

    /**
     * The authorization URL for the browser.
     *
     * @param another whether the person wants to use another account than the one of the issuer's session
     */
    Future<URI> authorization(SignInRequest request, String redirectUri, boolean another) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("response_type", "code");
        params.put("client_id", client.clientId());
        params.put("redirect_uri", redirectUri);
        Set<String> scopes = new LinkedHashSet<>(List.of("openid"));
        scopes.addAll(client.scopes());
        params.put("scope", String.join(" ", scopes));
        params.put("state", request.state());
        params.put("nonce", request.nonce());
        params.put("code_challenge", request.challenge());
        params.put("code_challenge_method", "S256");
        return metadata().map(document -> {
            String prompt = prompt(document, another);
            if (!prompt.isEmpty()) {
                params.put("prompt", prompt);
            }
            return withQuery(IssuerClient.address(document, "authorization_endpoint"), params);
        });
    }

    /**
     * The parameter {@code prompt} (OpenID Connect Core 1.0 section 3.1.2.1). For another account it is the operator's choice if that
     * lets a person choose, otherwise what the issuer's metadata offers.
     */
    private String prompt(JsonObject document, boolean another) {
        List<String> chosen = client.prompt().orElse(List.of());
        if (!another || chosen.contains("login") || chosen.contains(SELECT_ACCOUNT)) {
            return String.join(" ", chosen);
        }
        boolean selects = !(document.getValue("prompt_values_supported") instanceof JsonArray offered)
                || offered.contains(SELECT_ACCOUNT);
        return selects ? SELECT_ACCOUNT : "login";
    }

    /**
     * The URL at which the browser ends the session at the issuer (OpenID Connect RP-Initiated Logout 1.0 section 2); empty when the
     * issuer has none. The request names the client and has no {@code id_token_hint}, because the service keeps no ID token. So an
     * issuer may ask the person to confirm.
     */
    Future<Optional<URI>> endSession(String state, String redirectUri) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("client_id", client.clientId());
        params.put("post_logout_redirect_uri", redirectUri);
        params.put("state", state);
        return metadata()
                .map(document -> fetch.optionalAddress(document, "end_session_endpoint"))
                .onSuccess(this::warnWithout)
                .map(found -> found.map(endpoint -> withQuery(endpoint, params)));
    }

    /** The person is signed out here only, which is not what the operator chose. */
    private void warnWithout(Optional<URI> endSession) {
        if (endSession.isEmpty()) {
            LOG.warnf(
                    "Sign-out at issuer %s: its metadata have no usable end_session_endpoint, so its session stays. Correct the"
                            + " metadata, or switch sign-in.issuer-logout off",
                    name);
        }
    }

    private static URI withQuery(URI endpoint, Map<String, String> params) {
        return URI.create(endpoint + (endpoint.getRawQuery() == null ? "?" : "&") + form(params));
    }

    /**
     * Exchanges {@code code} and verifies the ID token. Also fails with {@link RefusedCode} and {@link RefusedToken}.
     */
    Future<Identity> redeem(SignInRequest request, String code, String redirectUri) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("grant_type", "authorization_code");
        params.put("code", code);
        params.put("redirect_uri", redirectUri);
        params.put("code_verifier", request.verifier());
        return metadata()
                .compose(document -> secret().compose(secret -> {
                    Map<String, String> headers = new HashMap<>(
                            Map.of("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"));
                    authenticateClient(secret, document, params, headers);
                    return fetch.post(IssuerClient.address(document, "token_endpoint"), headers, form(params))
                            .compose(answer -> identity(answer, request, document));
                }));
    }

    private Future<Identity> identity(String answer, SignInRequest request, JsonObject document) {
        String idToken;
        String accessToken;
        try {
            JsonObject tokens = new JsonObject(answer);
            idToken = tokens.getString("id_token");
            accessToken = tokens.getString("access_token");
        } catch (DecodeException | ClassCastException e) {
            return Future.failedFuture(new IssuerUnavailable("the issuer's token endpoint returned no JSON object"));
        }
        if (idToken == null) {
            return Future.failedFuture(new IssuerUnavailable("the issuer's token endpoint returned no ID token"));
        }
        return trusted.verifyIdToken(TrustedIssuer.read(idToken), client.clientId(), request.nonce())
                .compose(claims -> persons.identity(
                        claims,
                        Optional.ofNullable(accessToken)
                                .filter(token -> !token.isBlank())
                                .map(Secret::of),
                        fetch.optionalAddress(document, "userinfo_endpoint")));
    }

    private Future<Optional<Secret>> secret() {
        return client.clientSecretFile()
                .map(file -> fetch.secret(file).map(Optional::of))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    /**
     * Authenticates the client (RFC 6749 section 2.3.1). Without a secret the client is public; with one it uses {@code
     * client_secret_basic} if the issuer supports it.
     */
    private void authenticateClient(
            Optional<Secret> secret, JsonObject document, Map<String, String> params, Map<String, String> headers) {
        JsonArray methods = document.getValue("token_endpoint_auth_methods_supported") instanceof JsonArray offered
                ? offered
                : JsonArray.of("client_secret_basic");
        if (secret.isPresent() && methods.contains("client_secret_basic")) {
            String pair = encode(client.clientId()) + ":" + encode(secret.get().reveal());
            headers.put(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        } else {
            params.put("client_id", client.clientId());
            secret.ifPresent(text -> params.put("client_secret", text.reveal()));
        }
    }

    private synchronized Future<JsonObject> metadata() {
        Future<JsonObject> known = metadata;
        long now = System.nanoTime();
        boolean old = now - fetchedAt >= issuer.keysMaxAge().toNanos();
        if (known == null || known.failed() || (known.isComplete() && old)) {
            known = fetch.metadata();
            metadata = known;
            fetchedAt = now;
        }
        return known;
    }

    private static String form(Map<String, String> params) {
        return params.entrySet().stream()
                .map(param -> encode(param.getKey()) + "=" + encode(param.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
