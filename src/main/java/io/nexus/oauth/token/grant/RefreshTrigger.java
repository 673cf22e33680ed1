package io.nexus.oauth.token.grant;

import java.util.Locale;

/** What asked for a refresh. */
public enum RefreshTrigger {
    /** The schedule. */
    DUE,
    /** A read that cannot be answered without it. */
    READ,
    /** A read inside the refresh-ahead window, answered already. */
    AHEAD,
    /** A caller's explicit wish. */
    FORCED,
    /** A caller whose token the provider's API refused. */
    REJECTED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
