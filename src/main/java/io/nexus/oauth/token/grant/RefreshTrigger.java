package io.nexus.oauth.token.grant;

import java.util.Locale;

/** The reason for a refresh. */
public enum RefreshTrigger {
    /** The schedule. */
    DUE,
    /** A token request without a valid token. */
    READ,
    /** A token request inside the refresh-ahead window; its caller already has the present token. */
    AHEAD,
    /** A caller's explicit request. */
    FORCED,
    /** A caller's report that the provider's API refused its token. */
    REJECTED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
