package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.issuer.CallerTokens;
import io.quarkus.security.AuthenticationFailedException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the client of a request to the token endpoint: as every caller, or in a form of RFC 6749 section 2.3.1
 * or RFC 7521 section 4.2. An API key is a client whose {@code client_id} is the id of the key and whose {@code
 * client_secret} is the key. A client assertion is a token of a trusted issuer, as callers send it.
 */
@ApplicationScoped
public class TokenEndpointClients {

    /** The path of the token endpoint. */
    public static final String PATH = "/oauth2/token";

    private static final String BASIC = "basic ";
    private static final String BEARER = "bearer ";
    private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final ApiKeys keys;
    private final CallerTokens tokens;
    private final CallerCertificates certificates;

    TokenEndpointClients(ApiKeys keys, CallerTokens tokens, CallerCertificates certificates) {
        this.keys = keys;
        this.tokens = tokens;
        this.certificates = certificates;
    }

    /**
     * The principal of the client; empty when the request names no client, or only its id. Does not block. Fails with {@link
     * AuthenticationFailedException} when the client does not authenticate or does so twice, and as {@link
     * CallerTokens#authenticate} does.
     *
     * @param form the parameters of the body
     */
    public Uni<Optional<Principal>> authenticate(HttpServerRequest request, Map<String, String> form) {
        List<String> headers = request.headers().getAll("Authorization");
        List<String> own = request.headers().getAll("X-API-Key");
        Optional<X509Certificate> certificate = certificates.of(request);
        String secret = form.get("client_secret");
        String assertion = form.get("client_assertion");
        int ways = headers.size()
                + own.size()
                + (certificate.isPresent() ? 1 : 0)
                + (secret == null ? 0 : 1)
                + (assertion == null ? 0 : 1);
        if (ways == 0) {
            return Uni.createFrom().item(Optional.empty());
        }
        if (ways > 1) {
            return refused("more than one client authentication");
        }
        Uni<Optional<Principal>> found = certificate
                .map(certificates::authenticate)
                .orElseGet(() -> secret != null
                        ? withKey(form.get("client_id"), secret)
                        : assertion != null
                                ? asserted(form.get("client_assertion_type"), assertion)
                                : own.isEmpty() ? header(headers.getFirst()) : keys.authenticate(own.getFirst()));
        return found.map(principal ->
                Optional.of(principal.orElseThrow(() -> new AuthenticationFailedException("the client is not known"))));
    }

    private Uni<Optional<Principal>> header(String header) {
        if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return basic(header.substring(BASIC.length()).strip());
        }
        if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return refused("neither Basic nor Bearer");
        }
        String credential = header.substring(BEARER.length()).strip();
        return CallerTokens.isToken(credential) ? tokens.authenticate(credential) : keys.authenticate(credential);
    }

    private Uni<Optional<Principal>> basic(String credentials) {
        try {
            String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0
                    ? refused("malformed Basic credentials")
                    : withKey(decoded(pair.substring(0, colon)), decoded(pair.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            return refused("malformed Basic credentials");
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private Uni<Optional<Principal>> withKey(@Nullable String clientId, String key) {
        return keys.verify(key)
                .map(found ->
                        found.filter(verified -> verified.id().equals(clientId)).map(ApiKeys.VerifiedKey::principal));
    }

    private Uni<Optional<Principal>> asserted(@Nullable String type, String assertion) {
        return JWT_BEARER.equals(type) ? tokens.authenticate(assertion) : refused("an unknown client_assertion_type");
    }

    private static <T> Uni<T> refused(String reason) {
        return Uni.createFrom().failure(new AuthenticationFailedException(reason));
    }
}
