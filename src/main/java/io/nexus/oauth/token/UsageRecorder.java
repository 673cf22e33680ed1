package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.event.TenantPlaces;
import io.nexus.oauth.store.UsageStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts returned tokens in memory and writes the counts in batches, so that a token request writes nothing. A crash loses
 * the counts since the last batch; they are statistics, not the audit trail.
 */
@ApplicationScoped
class UsageRecorder {

    private static final int BATCH = 1000;

    /** The credentials whose counts may wait. Tokens of others are returned, and not counted. */
    static final int MAX_WAITING = 50_000;

    private final UsageStore store;
    private final ConcurrentHashMap<CredentialKey, UsageStore.Usage> counts = new ConcurrentHashMap<>();
    private final TenantPlaces places = new TenantPlaces(MAX_WAITING);

    UsageRecorder(UsageStore store) {
        this.store = store;
    }

    /** Counts one returned token of {@code key}. */
    void count(CredentialKey key, Instant at) {
        add(key, new UsageStore.Usage(key.id(), 1, at));
    }

    /** The number of credentials whose counts wait. */
    int size() {
        return counts.size();
    }

    private void add(CredentialKey key, UsageStore.Usage usage) {
        counts.compute(key, (same, present) -> {
            if (present != null) {
                return sum(present, usage);
            }
            return places.take(key.tenant()) ? usage : null;
        });
    }

    /** Writes all counts in batches. A failed write keeps its counts for the next run. */
    Uni<Void> flush() {
        return Uni.createFrom().deferred(() -> {
            Map<CredentialKey, UsageStore.Usage> batch = take();
            return batch.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : store.add(List.copyOf(batch.values()))
                            .onFailure()
                            .invoke(() -> batch.forEach(this::add))
                            .onCancellation()
                            .invoke(() -> batch.forEach(this::add))
                            .chain(() -> batch.size() < BATCH ? Uni.createFrom().voidItem() : flush());
        });
    }

    private Map<CredentialKey, UsageStore.Usage> take() {
        Map<CredentialKey, UsageStore.Usage> batch = new HashMap<>();
        for (CredentialKey key : counts.keySet().stream().limit(BATCH).toList()) {
            UsageStore.Usage usage = counts.remove(key);
            if (usage != null) {
                places.free(key.tenant());
                batch.put(key, usage);
            }
        }
        return batch;
    }

    private static UsageStore.Usage sum(UsageStore.Usage a, UsageStore.Usage b) {
        return new UsageStore.Usage(
                a.credentialId(),
                a.handouts() + b.handouts(),
                a.lastUsedAt().isAfter(b.lastUsedAt()) ? a.lastUsedAt() : b.lastUsedAt());
    }
}
