package io.nexus.oauth.access.issuer;

/** A token failed its verification. */
final class RefusedToken extends RuntimeException {

    private final TokenRefusal refusal;

    RefusedToken(TokenRefusal refusal) {
        super("the token is refused: " + refusal.label(), null, false, false);
        this.refusal = refusal;
    }

    TokenRefusal refusal() {
        return refusal;
    }
}
