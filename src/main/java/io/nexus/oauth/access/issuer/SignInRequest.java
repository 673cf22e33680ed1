package io.nexus.oauth.access.issuer;

/**
 * The values of one authentication request (OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636).
 *
 * @param verifier the PKCE code verifier; it is never sent to the browser
 * @param challenge the S256 code challenge of {@code verifier}
 * @param next the page to show after the sign-in
 */
record SignInRequest(String state, String nonce, String verifier, String challenge, String next) {

    /** Omits all values, because they are secret. */
    @Override
    public String toString() {
        return "SignInRequest";
    }
}
