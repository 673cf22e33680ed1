package io.nexus.oauth.credential;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The token request of a machine connection (RFC 6749 section 4.4.2, RFC 7523 section 2.1). It spends nothing, so the service repeats it
 * for each new token.
 *
 * @param grantType the grant, which is one of a machine
 * @param scopes the requested scopes; none for the provider's default
 * @param audience the value of the parameter {@code audience} that some providers need, or null
 * @param resources the APIs for which the token is meant (RFC 8707 section 2), in order
 * @param subject for whom the client asks with an assertion, or null
 * @param oidcClient the id of the client of the Quarkus OIDC client that asks, or null for the OAuth client of the tenant or of the
 *     operator. Only the configuration sets it: its tokens have the operator's rights
 */
public record TokenRequest(
        GrantType grantType,
        Scopes scopes,
        @Nullable String audience,
        List<String> resources,
        @Nullable String subject,
        @Nullable String oidcClient) {

    /** The most scopes of a request. */
    public static final int MAX_SCOPES = 64;

    /** The most characters of all scopes together. */
    public static final int MAX_SCOPE_LENGTH = 2048;

    /** The most characters of an audience, of a subject, and of a resource. */
    public static final int MAX_LENGTH = 512;

    /** The most resources of a request. */
    public static final int MAX_RESOURCES = 8;

    /** Throws {@link IllegalArgumentException} for what a bound or RFC 8707 does not allow. */
    public TokenRequest {
        checkScopes(scopes);
        if (audience != null) {
            checkAudience(audience);
        }
        if (!grantType.isMachine() || (subject != null && grantType != GrantType.JWT_BEARER)) {
            throw new IllegalArgumentException("no token request has this grant or this subject");
        }
        if (subject != null) {
            checkSubject(subject);
        }
        resources = resources.stream().distinct().toList();
        checkResources(resources);
        if (oidcClient != null) {
            Identifiers.check("oidc-client", oidcClient, MAX_LENGTH - OidcClientId.PREFIX.length());
        }
    }

    /** The characters of all values together. */
    public int length() {
        return scopes.join(" ").length()
                + (audience == null ? 0 : audience.length())
                + (subject == null ? 0 : subject.length())
                + resources.stream().mapToInt(String::length).sum();
    }

    /** A request that an OAuth client of this service makes. */
    public TokenRequest(
            GrantType grantType,
            Scopes scopes,
            @Nullable String audience,
            List<String> resources,
            @Nullable String subject) {
        this(grantType, scopes, audience, resources, subject, null);
    }

    /** A request with client_credentials. */
    public TokenRequest(Scopes scopes, @Nullable String audience, List<String> resources) {
        this(GrantType.CLIENT_CREDENTIALS, scopes, audience, resources, null);
    }

    /** A request that the client {@code id} of the Quarkus OIDC client makes with the grant of its settings. */
    public static TokenRequest ofOidcClient(String id, Scopes scopes, @Nullable String audience) {
        return new TokenRequest(GrantType.CLIENT_CREDENTIALS, scopes, audience, List.of(), null, id);
    }

    /** Throws {@link IllegalArgumentException} when {@code audience} cannot be one. */
    public static String checkAudience(String audience) {
        return Identifiers.check("audience", audience, MAX_LENGTH);
    }

    /** Throws {@link IllegalArgumentException} when {@code subject} cannot be one. */
    public static String checkSubject(String subject) {
        return Identifiers.check("subject", subject, MAX_LENGTH);
    }

    /** Throws {@link IllegalArgumentException} when there are too many {@code scopes}. */
    public static Scopes checkScopes(Scopes scopes) {
        if (scopes.values().size() > MAX_SCOPES || scopes.join(" ").length() > MAX_SCOPE_LENGTH) {
            throw new IllegalArgumentException(
                    "must be " + MAX_SCOPES + " scopes at most, with " + MAX_SCOPE_LENGTH + " characters together");
        }
        return scopes;
    }

    /** Throws {@link IllegalArgumentException} when one of {@code resources} is none, or when there are too many. */
    public static List<String> checkResources(List<String> resources) {
        if (resources.size() > MAX_RESOURCES || !resources.stream().allMatch(TokenRequest::isResource)) {
            throw new IllegalArgumentException(
                    "must be " + MAX_RESOURCES + " absolute URIs at most, each without a fragment" + " and with "
                            + MAX_LENGTH + " characters at most");
        }
        return resources;
    }

    private static boolean isResource(String text) {
        try {
            URI uri = new URI(text);
            return text.length() <= MAX_LENGTH && uri.isAbsolute() && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
