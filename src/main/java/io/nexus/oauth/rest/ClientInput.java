package io.nexus.oauth.rest;

import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the registration of an OAuth client out of a request, and collects its errors. */
final class ClientInput {

    static final String CLIENT_ID = "must be visible ASCII characters, 512 at most";

    static final String RESERVED_CLIENT_ID =
            "must not begin with " + OidcClientId.PREFIX + ", which names clients of the operator";

    private static final int MAX_REDIRECT_URI = 2_048;
    private static final int MAX_SCOPES = 4_096;
    private static final String SECRET = "must be visible ASCII characters, 8192 at most";

    private final InputErrors errors = new InputErrors();
    private final ClientRequest request;
    private final Optional<ProviderProfile> profile;

    private final Instant now;

    private ClientInput(ClientRequest request, Optional<ProviderProfile> profile, Instant now) {
        this.request = request;
        this.profile = profile;
        this.now = now;
    }

    /** The registration at {@code provider}; throws {@link InvalidRequest} with all errors. */
    static ClientRegistration registration(
            ProviderCatalogue catalogue, String provider, @Nullable ClientRequest request, Instant now) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        return new ClientInput(request, catalogue.find(provider).map(OAuthProvider::profile), now).read(provider);
    }

    private ClientRegistration read(String provider) {
        errors.refuse(profile.isEmpty(), "provider", InputErrors.UNKNOWN_PROVIDER);
        String clientId = errors.required("/client_id", request.clientId());
        errors.refuse(!clientId.isEmpty() && !isClientId(clientId), "/client_id", CLIENT_ID);
        errors.refuse(OidcClientId.isReserved(clientId), "/client_id", RESERVED_CLIENT_ID);
        errors.refuse(!isSecret(request.clientSecret()), "/client_secret", SECRET);
        errors.refuse(!isSecret(request.secondClientSecret()), "/second_client_secret", SECRET);
        Scopes wanted = scopes("/scopes", request.scopes());
        errors.refuse(wanted.join(" ").length() > MAX_SCOPES, "/scopes", "must have 4096 characters at most, together");
        Scopes omitted = omitted(wanted);
        Authentication authentication = authentication(clientId);
        Map<String, String> vars = Objects.requireNonNullElse(request.vars(), Map.of());
        profile.ifPresent(
                found -> found.faultsOf(vars).forEach((name, fault) -> errors.refuse(true, "/vars/" + name, fault)));
        String redirectUri = request.redirectUri();
        errors.refuse(
                redirectUri != null && !isRedirectUri(redirectUri),
                "/redirect_uri",
                "must be an absolute http(s) URL without user information and fragment, 2048 characters at most");
        errors.check();
        return new ClientRegistration(
                        provider,
                        clientId,
                        secret(request.clientSecret()),
                        secret(request.secondClientSecret()),
                        wanted,
                        redirectUri,
                        vars)
                .omitting(omitted)
                .by(authentication);
    }

    /** The private key, if it can be read and is one for this client and for the grant of the provider. */
    private Optional<ClientKey> key(String text, @Nullable Algorithm algorithm, String clientId) {
        String id = optional("/private_key_id", request.privateKeyId(), ClientKey::checkId);
        Optional<BroughtKey> brought = errors.converted(
                "/private_key", Optional.empty(), () -> Optional.of(BroughtKey.parse(text, algorithm, id, now)));
        brought.ifPresent(key -> {
            errors.refuse(
                    key.clientId() != null && !key.clientId().equals(clientId) && !clientId.isEmpty(),
                    "/client_id",
                    "must be the client_email of the key file");
            profile.map(ProviderProfile::jwtBearer)
                    .map(grant -> grant.keyFaults(key.key().algorithm().name(), key.named(), key.tokenEndpoint()))
                    .ifPresent(faults -> faults.forEach((field, fault) -> errors.refuse(true, "/" + field, fault)));
        });
        return brought.map(BroughtKey::key);
    }

    private Authentication authentication(String clientId) {
        ClientAuth chosen = optional("/token_endpoint_auth_method", request.tokenEndpointAuthMethod(), ClientAuth::of);
        ClientAuth usual = profile.map(found -> found.token().auth()).orElse(ClientAuth.BASIC);
        ClientAuth method = chosen == null ? usual : chosen;
        Algorithm algorithm =
                optional("/token_endpoint_auth_signing_alg", request.tokenEndpointAuthSigningAlg(), Algorithm::of);
        AssertionAudience audience =
                optional("/assertion_audience", request.assertionAudience(), AssertionAudience::of);
        errors.refuse(
                audience != null && !method.isAssertion(),
                "/assertion_audience",
                "is for the methods private_key_jwt and client_secret_jwt only");
        checkSecrets(method);
        ClientKey key = key(method, algorithm, clientId).orElse(null);
        errors.refuse(
                method.isTls() && key != null && key.certificate().isEmpty(),
                "/private_key",
                "comes without a certificate: send both in PEM, the key and the certificate chain, that of the client first");
        return new Authentication(method.isByKey() ? method : chosen, algorithm, audience, key, null, null);
    }

    /**
     * The private key: of the assertions of {@code private_key_jwt}, of a certificate, and of the assertions of the grant where the provider
     * has it.
     */
    private Optional<ClientKey> key(ClientAuth method, @Nullable Algorithm algorithm, String clientId) {
        String text = request.privateKey();
        boolean grants = profile.map(ProviderProfile::jwtBearer).isPresent();
        boolean takesKey = method.isByKey() || grants;
        errors.refuse(
                algorithm != null && method != ClientAuth.PRIVATE_KEY_JWT && !(grants && text != null),
                "/token_endpoint_auth_signing_alg",
                "is for the method private_key_jwt only");
        errors.refuse(
                text != null && !takesKey,
                "/private_key",
                "is for the methods private_key_jwt, tls_client_auth and self_signed_tls_client_auth only, and for providers with"
                        + " the grant jwt-bearer");
        errors.refuse(request.privateKeyId() != null && text == null, "/private_key_id", "needs private_key");
        return text == null || !takesKey ? Optional.empty() : key(text, algorithm, clientId);
    }

    private void checkSecrets(ClientAuth method) {
        Map<String, String> secrets = new LinkedHashMap<>();
        secrets.put("/client_secret", Objects.requireNonNullElse(request.clientSecret(), ""));
        secrets.put("/second_client_secret", Objects.requireNonNullElse(request.secondClientSecret(), ""));
        secrets.forEach((pointer, secret) -> {
            errors.refuse(
                    request.tokenEndpointAuthMethod() != null
                            && (method == ClientAuth.NONE || method.isByKey())
                            && !secret.isEmpty(),
                    pointer,
                    "must be left out: the method " + request.tokenEndpointAuthMethod() + " has no secret");
            errors.refuse(
                    method == ClientAuth.CLIENT_SECRET_JWT
                            && !secret.isEmpty()
                            && secret.length() < ClientAssertions.MIN_SECRET_LENGTH,
                    pointer,
                    "must have " + ClientAssertions.MIN_SECRET_LENGTH + " characters at least for client_secret_jwt");
        });
    }

    private <T> @Nullable T optional(String pointer, @Nullable String text, Function<String, T> reader) {
        return text == null
                ? null
                : errors.<Optional<T>>converted(pointer, Optional.empty(), () -> Optional.of(reader.apply(text)))
                        .orElse(null);
    }

    private Scopes scopes(String pointer, @Nullable List<String> given) {
        List<String> scopes = Objects.requireNonNullElse(given, List.of());
        return errors.converted(pointer, Scopes.NONE, () -> Scopes.of(scopes));
    }

    /** Only base scopes, which bounds their number: any other scope is left out by not asking for it. */
    private Scopes omitted(Scopes wanted) {
        Scopes omitted = scopes("/omitted_scopes", request.omittedScopes());
        List<String> base = profile.map(found -> found.authorize().baseScopes()).orElse(List.of());
        errors.refuse(
                profile.isPresent() && !base.containsAll(omitted.values()),
                "/omitted_scopes",
                base.isEmpty()
                        ? "must be empty: the provider has no base scopes"
                        : "must be base scopes of the provider: " + String.join(" ", base));
        Set<String> both = new LinkedHashSet<>(omitted.values());
        both.retainAll(wanted.values());
        errors.refuse(
                !both.isEmpty() && base.containsAll(both),
                "/omitted_scopes",
                "must not have a scope of /scopes, which is requested: " + String.join(" ", both));
        return omitted;
    }

    private static @Nullable Secret secret(@Nullable String text) {
        return text == null ? null : Secret.of(text);
    }

    static boolean isClientId(String text) {
        return !text.isEmpty() && isVisible(text, 512);
    }

    /** RFC 6749 section 3.1.2. Only http(s): other schemes could make the browser run a script. */
    private static boolean isRedirectUri(String text) {
        if (text.length() > MAX_REDIRECT_URI) {
            return false;
        }
        try {
            URI uri = new URI(text);
            return ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isSecret(@Nullable String text) {
        return text == null || (!text.isEmpty() && isVisible(text, 8192));
    }

    private static boolean isVisible(String text, int maxLength) {
        return text.length() <= maxLength && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }
}
