package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.GrantSealer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Decides whether this replica may ask for a new token now. Checked before a lease, so that another replica can take it, and
 * again right before the request.
 */
@ApplicationScoped
class RefreshPreconditions {

    private final GrantJournal journal;
    private final GrantPersister persister;
    private final ChangeFeed feed;
    private final GrantSealer sealer;
    private final CancellationShield shield;

    RefreshPreconditions(
            GrantJournal journal,
            GrantPersister persister,
            ChangeFeed feed,
            GrantSealer sealer,
            CancellationShield shield) {
        this.journal = journal;
        this.persister = persister;
        this.feed = feed;
        this.sealer = sealer;
        this.shield = shield;
    }

    /**
     * As {@link #refusal(OAuthProvider, StoredCredential)}, for a request under a lease that was requested at {@code leasedAt} of {@link
     * System#nanoTime()}. A database that failed over since may not have the lease, so another replica can take one.
     */
    Optional<String> refusal(OAuthProvider provider, StoredCredential credential, long leasedAt) {
        Optional<String> refusal = refusal(provider, credential);
        boolean lost = provider.spends(credential.request()) && !feed.isSameSince(leasedAt);
        return refusal.isEmpty() && lost ? Optional.of("database_unsettled") : refusal;
    }

    /** The code of the reason not to ask {@code provider} for a token of {@code credential} now; empty when there is none. */
    Optional<String> refusal(OAuthProvider provider, StoredCredential credential) {
        return reason(provider.spends(credential.request()));
    }

    /** As before, for a credential of which only the provider is known. Does not block. */
    Optional<String> refusal(OAuthProvider provider) {
        return reason(provider.spends(null));
    }

    private Optional<String> reason(boolean spends) {
        if (shield.isStopping()) {
            return Optional.of("stopping");
        }
        if (persister.isBehind()) {
            return Optional.of("storage_behind");
        }
        if (!sealer.canSeal()) {
            return Optional.of("keys_unsettled");
        }
        if (!spends) {
            return Optional.empty();
        }
        if (!journal.isWritable()) {
            return Optional.of("journal_unavailable");
        }
        return feed.isSettled() ? Optional.empty() : Optional.of("database_unsettled");
    }
}
