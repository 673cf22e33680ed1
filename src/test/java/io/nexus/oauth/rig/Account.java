package io.nexus.oauth.rig;

import java.util.concurrent.atomic.AtomicBoolean;

/** One account of one user at one provider, as the callers know it. */
final class Account {

    final String provider;
    final String tenant;
    final String user;
    final String key;
    final AtomicBoolean reconnecting = new AtomicBoolean();
    volatile String credential = "";
    volatile String grant = "";
    volatile boolean revoked;
    /** Its tenant was ended: nobody can connect it again. */
    volatile boolean ended;

    Account(String provider, String tenant, String user, String key) {
        this.provider = provider;
        this.tenant = tenant;
        this.user = user;
        this.key = key;
    }
}
