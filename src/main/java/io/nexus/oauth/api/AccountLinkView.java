package io.nexus.oauth.api;

import java.time.Instant;

/**
 * A link to the page of a user's connections.
 *
 * @param url the link. It is a secret: everybody who opens it can end the user's connections
 * @param expiresAt when the link expires
 */
public record AccountLinkView(String url, Instant expiresAt) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "AccountLinkView[expiresAt=" + expiresAt + "]";
    }
}
