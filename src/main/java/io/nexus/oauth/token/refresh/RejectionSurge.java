package io.nexus.oauth.token.refresh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.RefreshStore.SharedClient;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.GrantEvents;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/**
 * Detects that a provider refuses more grants of a client than it renews. Such a surge points to a fault of the provider or
 * the client, not to single users. Clients are told apart as {@code token.client.ClientLimiters} does, so a tenant with a
 * client of its own neither causes nor hides a surge of others. Refusals are counted in the database, over all replicas. Successes are counted in this
 * process only, so a surge is assumed rather too often.
 */
@ApplicationScoped
class RejectionSurge {

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration BUCKET = Duration.ofMinutes(1);

    /** Fewer refusals are no surge: some users always revoke their grants. */
    private static final int MIN_REFUSED = 10;

    private static final int MAX_COUNTED = 1_000;
    static final int MAX_CLIENTS = 10_000;

    private final RefreshStore refreshes;
    private final ProviderClients clients;
    private final GrantEvents events;
    private final CancellationShield shield;
    private final Cache<SharedClient, Successes> successes =
            Caffeine.newBuilder().maximumSize(MAX_CLIENTS).build();

    RejectionSurge(RefreshStore refreshes, ProviderClients clients, GrantEvents events, CancellationShield shield) {
        this.shield = shield;
        this.refreshes = refreshes;
        this.clients = clients;
        this.events = events;
    }

    /** Counts a renewed grant of the client of {@code credential}. Asynchronous: storing the grant does not wait for it. */
    void renewed(StoredCredential credential) {
        Instant now = events.now();
        var unused = shield.start(() -> clients.shared(credential)
                .invoke(client ->
                        successes.get(client, ignored -> new Successes()).add(now)));
    }

    /** Whether a surge is under way for the client of {@code credential}. Fails with {@code StorageException}. */
    Uni<Boolean> isOn(StoredCredential credential) {
        return clients.shared(credential).chain(this::isOn);
    }

    private Uni<Boolean> isOn(SharedClient client) {
        Successes known = successes.getIfPresent(client);
        int renewed = known == null ? 0 : known.since(events.now().minus(WINDOW));
        if (renewed >= MAX_COUNTED) {
            return Uni.createFrom().item(false);
        }
        return refreshes
                .suspects(client, WINDOW, MAX_COUNTED)
                .map(refused -> refused >= MIN_REFUSED && refused > renewed);
    }

    /**
     * Whether this process renewed a grant of the same client after {@code start}. False if that is not known, for example
     * because the database fails.
     */
    Uni<Boolean> hasRenewedSince(StoredCredential credential, Instant start) {
        return clients.shared(credential)
                .map(client -> {
                    Successes known = successes.getIfPresent(client);
                    return known != null && known.last().isAfter(start);
                })
                .onFailure()
                .recoverWithItem(false);
    }

    /** The number of clients whose successes are counted. */
    long size() {
        successes.cleanUp();
        return successes.estimatedSize();
    }

    /** Resets the counts of successes. */
    void forget() {
        successes.invalidateAll();
    }

    /** The successes of each minute in the window. */
    private static final class Successes {

        private final ArrayDeque<Bucket> buckets = new ArrayDeque<>();
        private Instant last = Instant.MIN;

        synchronized Instant last() {
            return last;
        }

        synchronized void add(Instant now) {
            last = now;
            Bucket newest = buckets.peekLast();
            if (newest == null || !now.isBefore(newest.from.plus(BUCKET))) {
                buckets.addLast(new Bucket(now));
                since(now.minus(WINDOW));
            }
            buckets.getLast().count++;
        }

        synchronized int since(Instant start) {
            while (!buckets.isEmpty() && buckets.getFirst().from.plus(BUCKET).isBefore(start)) {
                buckets.removeFirst();
            }
            return buckets.stream().mapToInt(bucket -> bucket.count).sum();
        }
    }

    private static final class Bucket {
        private final Instant from;
        private int count;

        Bucket(Instant from) {
            this.from = from;
        }
    }
}
