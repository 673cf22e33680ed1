package io.nexus.oauth.token.refresh;

import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.grant.RefreshStart;
import io.nexus.oauth.token.grant.RefreshTrigger;

/**
 * The inputs of an attempt beside its lease.
 *
 * @param start the reason for the refresh, and when the lease began
 * @param permit the slot at the provider; records its replies, and is closed by its creator
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

    long leasedAt() {
        return start.nanos();
    }

    RefreshTask repeatedAt(RefreshStart again) {
        return new RefreshTask(provider, client, again, permit, repeats + 1);
    }
}
