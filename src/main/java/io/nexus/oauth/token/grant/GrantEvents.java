package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.CredentialEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Fires events to the listeners in this process after a change, and notifies the other replicas. Does not block. */
@ApplicationScoped
public class GrantEvents {

    private final Event<CredentialEvent> changes;
    private final Event<Activity> activity;
    private final CredentialCache cache;
    private final Clock clock;

    GrantEvents(Event<CredentialEvent> changes, Event<Activity> activity, CredentialCache cache, Clock clock) {
        this.changes = changes;
        this.activity = activity;
        this.cache = cache;
        this.clock = clock;
    }

    /** The present time, by the clock that tests can move. */
    public Instant now() {
        return clock.instant();
    }

    /** Fires {@code event}. */
    public void changed(CredentialEvent event) {
        changes.fire(event);
    }

    /**
     * Evicts the credential from the cache and fires the activity of one refresh.
     *
     * @param reason the code of a failure, or null
     * @param startedAt by {@link System#nanoTime()}
     */
    public void refresh(
            StoredCredential credential,
            RefreshTrigger trigger,
            String outcome,
            @Nullable String reason,
            long startedAt) {
        Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
        cache.evict(credential.key().id());
        activity.fire(new Activity.Refresh(credential.account().provider(), trigger.label(), outcome, reason, took));
    }

    /** Records that {@code credential} was stored just now: a later read of an older version is a rollback. */
    public void stored(StoredCredential credential) {
        cache.stored(credential);
    }

    /** Notifies the other replicas of a change, asynchronously. Never fails: a lost notification only delays their eviction. */
    public void notifyReplicas(StoredCredential stored) {
        stored(stored);
        cache.notifyReplicas(stored.key().id());
    }

    /** Fires the activity of one token request; {@code startedAt} is by {@link System#nanoTime()}. */
    public void tokenRequest(String provider, String outcome, long startedAt) {
        activity.fire(new Activity.TokenRequest(provider, outcome, Duration.ofNanos(System.nanoTime() - startedAt)));
    }

    /** Fires the activity of one revocation request to a provider. */
    public void revocation(String provider, String outcome) {
        activity.fire(new Activity.Revocation(provider, outcome));
    }
}
