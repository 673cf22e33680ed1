package io.nexus.oauth.provider.entry;

import io.nexus.oauth.provider.entry.ProfileTerm.AssertionStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.KeyId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token request with an assertion that the client signs (RFC 7523 section 2.1). URL, parameters, headers and claims are templates, in
 * which <code>${subject}</code> is for whom the connection asks.
 *
 * @param call the request; what its section leaves out is as in the request that exchanges a code, but it does not authenticate the client
 * @param sendScope whether the requested scopes are a parameter of the request
 * @param style where the assertion stands
 * @param keyId whether the assertion has the key id
 * @param algorithms the algorithms that the provider takes
 * @param subject what a connection asks for
 * @param claims the claims; one with a variable that is unset is left out
 * @param lifetime how long an assertion is valid
 * @param leeway how far {@code iat} lies in the past
 */
public record JwtBearer(
        TokenCall call,
        boolean sendScope,
        AssertionStyle style,
        KeyId keyId,
        List<String> algorithms,
        Subject subject,
        Map<String, String> claims,
        Duration lifetime,
        Duration leeway) {

    private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static final List<String> ALGORITHMS = List.of("RS256", "PS256", "ES256");
    private static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(1);
    private static final Duration MAX_LIFETIME = Duration.ofHours(1);
    private static final Duration MAX_LEEWAY = Duration.ofMinutes(5);
    private static final int MAX_CLAIMS = 16;

    /** The claims that the service sets. */
    private static final List<String> OWN = List.of("iat", "exp", "nbf", "jti");

    /** As RFC 7523 section 3 wants them. */
    private static final Map<String, String> CLAIMS = Map.of(
            "iss", "${client_id}",
            "sub", "${subject}",
            "aud", "${token_endpoint}");

    /** Keeps the order of the claims. */
    public JwtBearer {
        claims = CatalogueSection.inOrder(claims);
        algorithms = List.copyOf(algorithms);
    }

    /** Whether the scopes of a connection reach the provider: as a parameter, or in a claim. */
    public boolean sendsScopes() {
        boolean asParameter = sendScope && style != AssertionStyle.BEARER;
        return asParameter
                || claims.values().stream()
                        .anyMatch(claim -> Template.names(claim).contains(Template.SCOPE));
    }

    /** Whether the request has the parameters {@code audience} and {@code resource}. */
    public boolean sendsTarget() {
        return style != AssertionStyle.BEARER;
    }

    /**
     * What a connection names as its subject.
     *
     * @param pattern the expression that the whole value must match, or null
     * @param required whether a connection must name one
     */
    public record Subject(@Nullable Pattern pattern, boolean required) {

        /** Whether every connection names one of a known form. */
        public boolean isBounded() {
            return required && pattern != null;
        }

        /** The fault of the value {@code given} by a connection, or of a missing one. */
        public Optional<String> fault(@Nullable String given) {
            if (given == null) {
                return required ? Optional.of("is required by the provider") : Optional.empty();
            }
            return pattern == null || pattern.matcher(given).matches()
                    ? Optional.empty()
                    : Optional.of("must match " + pattern);
        }
    }

    /**
     * What is wrong with a private key that somebody brings for this grant, by {@code private_key} and {@code private_key_id}.
     *
     * @param algorithm its signature algorithm
     * @param named whether it comes with an id
     * @param tokenEndpoint the token endpoint that its file names, or null
     */
    public Map<String, String> keyFaults(String algorithm, boolean named, @Nullable String tokenEndpoint) {
        Map<String, String> faults = new LinkedHashMap<>();
        if (!algorithms.contains(algorithm)) {
            faults.put("private_key", "must be a key for " + String.join(" or ", algorithms) + " at this provider");
        }
        String url = call.url();
        boolean known = url != null && Template.names(url).isEmpty();
        if (tokenEndpoint != null && known && !tokenEndpoint.equals(url)) {
            faults.put("private_key", "must name the token endpoint of the provider, " + url + ", as its token_uri");
        }
        if (keyId == KeyId.REQUIRED && !named) {
            faults.put("private_key_id", "is required: the provider finds the key by its id");
        }
        return faults;
    }

    /** The section, or null when the provider has none. */
    public static @Nullable JwtBearer read(CatalogueSection entry, TokenCall token) {
        boolean present = entry.isMap("jwt_bearer");
        CatalogueSection section = entry.child("jwt_bearer");
        JwtBearer own = new JwtBearer(
                call(section, token),
                section.flag("send_scope", true),
                section.choice("style", AssertionStyle.GRANT),
                section.choice("key_id", KeyId.SENT),
                algorithms(section),
                subject(section.child("subject")),
                claims(section),
                section.duration("lifetime", DEFAULT_LIFETIME),
                section.duration("leeway", Duration.ZERO));
        own.bounds(section);
        section.finish();
        return present ? own : null;
    }

    /** The assertion is the authorization, so the client need not authenticate (RFC 7521 section 4.1). */
    private static TokenCall call(CatalogueSection section, TokenCall token) {
        TokenCall call = TokenCall.read(section, "POST", token, GRANT);
        return section.has("auth")
                ? call
                : new TokenCall(
                        call.url(),
                        call.method(),
                        ClientAuth.NONE,
                        call.body(),
                        call.headers(),
                        call.params(),
                        call.paramNames(),
                        call.omit(),
                        call.grant());
    }

    private static List<String> algorithms(CatalogueSection section) {
        if (!section.has("algorithms")) {
            return ALGORITHMS;
        }
        List<String> named = section.list("algorithms");
        if (named.isEmpty() || !ALGORITHMS.containsAll(named)) {
            section.fault("algorithms", "must hold some of " + ALGORITHMS);
        }
        return named;
    }

    private static Subject subject(CatalogueSection section) {
        Subject subject = new Subject(ProfileVariable.pattern(section), section.flag("required", false));
        section.finish();
        return subject;
    }

    private static Map<String, String> claims(CatalogueSection section) {
        Map<String, String> claims = section.has("claims") ? section.map("claims") : CLAIMS;
        if (claims.size() > MAX_CLAIMS || claims.keySet().stream().anyMatch(OWN::contains)) {
            section.fault("claims", "must be " + MAX_CLAIMS + " claims at most, without " + String.join(", ", OWN));
        }
        return claims;
    }

    private void bounds(CatalogueSection section) {
        if (lifetime.isZero() || lifetime.compareTo(MAX_LIFETIME) > 0) {
            section.fault("lifetime", "must be 1 s to " + MAX_LIFETIME.toSeconds() + " s");
        }
        if (leeway.compareTo(MAX_LEEWAY) > 0) {
            section.fault("leeway", "must be " + MAX_LEEWAY.toSeconds() + " s at most");
        }
    }
}
