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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the caller of the token endpoint: as every caller, or in a form of RFC 6749 section 2.3.1 or RFC 7521
 * section 4.2. An API key is a client whose {@code client_id} is the id of the key and whose {@code client_secret} is the
 * key. A client assertion is a token of a trusted issuer, as callers send it. A request that names no client comes from
 * the user: the subject token has to be one that the service accepts from callers.
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

    /** Whether {@code path} is that of the token endpoint, or of the one at which the clients exchange tokens at a provider. */
    public static boolean isTokenEndpoint(String path) {
        return path.equals(PATH) || path.startsWith(PATH + "/");
    }

    /**
     * The principal of the request. Does not block. Fails with {@link AuthenticationFailedException} when it does not
     * authenticate, does so twice, or names another client, and as {@link CallerTokens#authenticate} does.
     *
     * @param form the parameters of the body
     * @param subjectToken the user's token
     */
    public Uni<Principal> authenticate(HttpServerRequest request, Map<String, String> form, String subjectToken) {
        List<String> headers = request.headers().getAll("Authorization");
        List<String> own = request.headers().getAll("X-API-Key");
        Optional<X509Certificate> certificate = certificates.of(request);
        long ways = headers.size()
                + own.size()
                + certificate.stream().count()
                + Stream.of("client_secret", "client_assertion")
                        .filter(form::containsKey)
                        .count();
        String id = form.get("client_id");
        if (ways > 1 || (ways == 0 && id != null)) {
            return refused("more than one client authentication, or none for a client_id");
        }
        Uni<Optional<Principal>> found = ways == 0
                ? user(subjectToken)
                : named(form)
                        .or(() -> certificate.map(certificates::authenticate))
                        .or(() -> own.stream().findFirst().map(keys::authenticate))
                        .orElseGet(() -> header(headers.getFirst()));
        return found.map(principal -> principal
                .filter(who -> id == null || who.name().endsWith(":" + id))
                .orElseThrow(() -> new AuthenticationFailedException("the client is not known, or not that one")));
    }

    private Uni<Optional<Principal>> user(String subjectToken) {
        return CallerTokens.isToken(subjectToken) ? tokens.authenticate(subjectToken) : refused("no token of a caller");
    }

    /** The principal that the form names; empty when it names none. */
    private Optional<Uni<Optional<Principal>>> named(Map<String, String> form) {
        Optional<Uni<Optional<Principal>>> withSecret =
                Optional.ofNullable(form.get("client_secret")).map(secret -> withKey(form.get("client_id"), secret));
        return withSecret.or(() -> Optional.ofNullable(form.get("client_assertion"))
                .map(assertion -> asserted(form.get("client_assertion_type"), assertion)));
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
