package io.nexus.oauth.store.connection;

import jakarta.enterprise.inject.Vetoed;

/** A change feed without a connection. */
@Vetoed
public final class SilentFeed extends ChangeFeed {

    @SuppressWarnings("NullAway") // it never connects
    public SilentFeed() {
        super(null, () -> null);
    }
}
