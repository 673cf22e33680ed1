package io.nexus.oauth.token;

import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.ChangeFeed;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Says when this replica must not spend a refresh token although the provider could be asked. Looked at before a claim, so that other
 * replicas get it, and again right before the request.
 */
@ApplicationScoped
class SpendGuard {

    private final AnswerJournal journal;
    private final AnswerKeeper keeper;
    private final ChangeFeed feed;
    private final GrantSealer sealer;
    private final Detached detached;

    SpendGuard(AnswerJournal journal, AnswerKeeper keeper, ChangeFeed feed, GrantSealer sealer, Detached detached) {
        this.journal = journal;
        this.keeper = keeper;
        this.feed = feed;
        this.sealer = sealer;
        this.detached = detached;
    }

    /** Why {@code provider} must not be asked now; empty when it may. */
    Optional<String> refusal(OAuthProvider provider) {
        if (detached.isStopping()) {
            return Optional.of("stopping");
        }
        if (keeper.isBehind()) {
            return Optional.of("storage_behind");
        }
        if (!sealer.canSeal()) {
            return Optional.of("keys_unsettled");
        }
        if (!provider.profile().refresh().isRotating()) {
            return Optional.empty();
        }
        if (!journal.isWritable()) {
            return Optional.of("journal_unavailable");
        }
        return feed.isSettled() ? Optional.empty() : Optional.of("database_unsettled");
    }
}
