package io.nexus.oauth.credential;

/**
 * The client id under which a credential, its limiter and the pages name a client of the Quarkus OIDC client: its place in the
 * configuration. Callers cannot use such an id for a client or grant of their own.
 */
public final class OidcClientId {

    /** The first characters of each such client id. */
    public static final String PREFIX = "quarkus.oidc-client.";

    private OidcClientId() {}

    /** The client id of the client {@code id}. */
    public static String of(String id) {
        return PREFIX + id;
    }

    /** The id of the client that the reserved {@code clientId} names. */
    public static String client(String clientId) {
        return clientId.substring(PREFIX.length());
    }

    /** Whether {@code clientId} names such a client, so that a caller may not use it. */
    public static boolean isReserved(String clientId) {
        return clientId.startsWith(PREFIX);
    }
}
