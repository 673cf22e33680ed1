package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.store.UsageStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts returned tokens in memory and writes the counts in batches, so that a token request writes nothing. A crash loses
 * the counts since the last batch; they are statistics, not the audit trail.
 */
@ApplicationScoped
class UsageRecorder {

    private static final int BATCH = 1000;

    private final UsageStore store;
    private final ConcurrentHashMap<CredentialKey, UsageStore.Usage> counts = new ConcurrentHashMap<>();

    UsageRecorder(UsageStore store) {
        this.store = store;
    }

    /** Counts one returned token of {@code key}. */
    void count(CredentialKey key, Instant at) {
        counts.merge(key, new UsageStore.Usage(key.id(), 1, at), UsageRecorder::sum);
    }

    /** Writes the counts of up to a thousand credentials. A failed write keeps the counts for the next. */
    Uni<Void> flush() {
        List<CredentialKey> keys = counts.keySet().stream().limit(BATCH).toList();
        List<UsageStore.Usage> usages = new ArrayList<>(keys.size());
        for (CredentialKey key : keys) {
            UsageStore.Usage usage = counts.remove(key);
            if (usage != null) {
                usages.add(usage);
            }
        }
        return usages.isEmpty() ? Uni.createFrom().voidItem() : write(keys, usages);
    }

    private Uni<Void> write(List<CredentialKey> keys, List<UsageStore.Usage> usages) {
        return store.add(usages).onFailure().invoke(() -> {
            for (UsageStore.Usage usage : usages) {
                keys.stream()
                        .filter(key -> key.id().equals(usage.credentialId()))
                        .forEach(key -> counts.merge(key, usage, UsageRecorder::sum));
            }
        });
    }

    private static UsageStore.Usage sum(UsageStore.Usage a, UsageStore.Usage b) {
        return new UsageStore.Usage(
                a.credentialId(),
                a.handouts() + b.handouts(),
                a.lastUsedAt().isAfter(b.lastUsedAt()) ? a.lastUsedAt() : b.lastUsedAt());
    }
}
