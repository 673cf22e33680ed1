package io.nexus.oauth.token.refresh;

import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.grant.RefreshStart;
import io.nexus.oauth.token.grant.RefreshTrigger;

/**
 * What an attempt needs beside its lease.
 *
 * @param start what asked for the refresh, and when the lease began
 * @param permit learns the provider's answers; its creator closes it
 * @param repeats how many requests of this attempt have an unknown outcome
 */
record RefreshTask(
        OAuthProvider provider,
        ClientRegistration client,
        RefreshStart start,
        ClientLimiter.Permit permit,
        int repeats) {

    RefreshTask(OAuthProvider provider, ClientRegistration client, RefreshStart start, ClientLimiter.Permit permit) {
        this(provider, client, start, permit, 0);
    }

    RefreshTrigger trigger() {
        return start.trigger();
    }

    long claimedAt() {
        return start.nanos();
    }

    RefreshTask repeatedAt(long nanos) {
        return new RefreshTask(provider, client, new RefreshStart(start.trigger(), nanos), permit, repeats + 1);
    }
}
