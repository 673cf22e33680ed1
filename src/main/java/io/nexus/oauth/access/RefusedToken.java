package io.nexus.oauth.access;

/** A token that is not believed. */
final class RefusedToken extends RuntimeException {

    private final Refusal refusal;

    RefusedToken(Refusal refusal) {
        super("the token is refused: " + refusal.label(), null, false, false);
        this.refusal = refusal;
    }

    Refusal refusal() {
        return refusal;
    }
}
