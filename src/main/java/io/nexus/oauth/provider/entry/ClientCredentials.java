package io.nexus.oauth.provider.entry;

/**
 * The token request of a machine connection (RFC 6749 section 4.4.2).
 *
 * @param call the request; what its section leaves out is as in the request that exchanges a code
 * @param sendScope whether the requested scopes are sent
 */
public record ClientCredentials(TokenCall call, boolean sendScope) {

    private static final String GRANT = "client_credentials";

    /** The request that {@code section} describes, beside the request that exchanges a code. */
    public static ClientCredentials read(CatalogueSection section, TokenCall token) {
        ClientCredentials own =
                new ClientCredentials(TokenCall.read(section, "POST", token, GRANT), section.flag("send_scope", true));
        section.finish();
        return own;
    }

    /** The request of a provider whose entry does not describe it. */
    public static ClientCredentials like(TokenCall token) {
        return new ClientCredentials(
                new TokenCall(
                        token.url(),
                        token.method(),
                        token.auth(),
                        token.body(),
                        token.headers(),
                        token.params(),
                        token.paramNames(),
                        token.omit(),
                        GRANT),
                true);
    }
}
