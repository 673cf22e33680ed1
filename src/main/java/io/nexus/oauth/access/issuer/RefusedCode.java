package io.nexus.oauth.access.issuer;

/** The issuer's token endpoint rejected the authorization code or the client (RFC 6749 section 5.2). */
final class RefusedCode extends RuntimeException {

    RefusedCode(int status) {
        super(
                "the issuer's token endpoint answered with status " + status
                        + ": the code was used already, or the client id or secret is wrong",
                null,
                false,
                false);
    }
}
