package io.nexus.oauth.access.issuer;

/** A token endpoint that does not take a code, or not from us (RFC 6749 section 5.2). */
final class RefusedCode extends RuntimeException {

    RefusedCode(int status) {
        super(
                "its token endpoint answered with status " + status
                        + ": the code is spent, or client id and secret are not what the issuer knows",
                null,
                false,
                false);
    }
}
