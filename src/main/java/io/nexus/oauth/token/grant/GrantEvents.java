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

/** Tells listeners in this process what was done, after it is done. */
@ApplicationScoped
public class GrantEvents {

    private final Event<CredentialEvent> changes;
    private final Event<Activity> activity;
    private final CredentialCache warm;
    private final Clock clock;

    GrantEvents(Event<CredentialEvent> changes, Event<Activity> activity, CredentialCache warm, Clock clock) {
        this.changes = changes;
        this.activity = activity;
        this.warm = warm;
        this.clock = clock;
    }

    public Instant now() {
        return clock.instant();
    }

    public void changed(CredentialEvent event) {
        changes.fire(event);
    }

    public void refresh(
            StoredCredential credential,
            RefreshTrigger trigger,
            String outcome,
            @Nullable String reason,
            long startedAt) {
        Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
        warm.forget(credential.key().id());
        activity.fire(new Activity.Refresh(credential.account().provider(), trigger.label(), outcome, reason, took));
    }

    /** {@code credential} was stored just now: an older row of it would be somebody else's work. */
    public void stored(StoredCredential credential) {
        warm.stored(credential);
    }

    /** Tells the other replicas, soon, that a credential changed. Losing that costs them freshness only, so it never fails. */
    public void tellOthers(StoredCredential stored) {
        stored(stored);
        warm.tell(stored.key().id());
    }

    public void handOut(String provider, String outcome, long startedAt) {
        activity.fire(new Activity.HandOut(provider, outcome, Duration.ofNanos(System.nanoTime() - startedAt)));
    }

    public void revocation(String provider, String outcome) {
        activity.fire(new Activity.Revocation(provider, outcome));
    }
}
