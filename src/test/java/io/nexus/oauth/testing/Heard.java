package io.nexus.oauth.testing;

import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.CredentialEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** What listeners in the process heard. */
@Singleton
public class Heard {

    private final List<CredentialEvent> changes = new CopyOnWriteArrayList<>();
    private final List<Activity> activity = new CopyOnWriteArrayList<>();

    void on(@Observes CredentialEvent event) {
        changes.add(event);
    }

    void on(@Observes Activity event) {
        activity.add(event);
    }

    /** What was told of one credential: operations with their details. */
    public List<String> of(UUID credential) {
        return changes.stream()
                .filter(event -> event.key().id().equals(credential))
                .map(event -> event.operation() + (event.detail() == null ? "" : ":" + event.detail()))
                .toList();
    }

    /** What was done, since the last {@link #clear()}. */
    public List<Activity> activity() {
        return List.copyOf(activity);
    }

    /** Forgets everything. */
    public void clear() {
        changes.clear();
        activity.clear();
    }
}
