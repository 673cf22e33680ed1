package io.nexus.oauth.token.grant;

import java.util.Locale;

/** The reason for a refresh. */
public enum RefreshTrigger {
    /** The scheduler found it due. */
    DUE,
    /** A token request without a valid token. */
    READ,
    /** A token request found it due. The caller gets the present token; the refresh runs in the background. */
    AHEAD,
    /** A caller's explicit request. */
    FORCED,
    /** A caller's report that the provider's API refused its token. */
    REJECTED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
