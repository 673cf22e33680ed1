package io.nexus.oauth.token.refresh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.grant.GrantEvents;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Detects that a provider refuses more grants of a client than it renews. Such a surge points to a fault of the provider or
 * the client, not to single users. Refusals are counted in the database, over all replicas. Successes are counted in this
 * process only, so a surge is assumed rather too often.
 */
@ApplicationScoped
class RejectionSurge {

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration BUCKET = Duration.ofMinutes(1);

    /** Fewer refusals are no surge: some users always revoke their grants. */
    private static final int MIN_REFUSED = 10;

    private static final int MAX_COUNTED = 1_000;
    private static final int MAX_CLIENTS = 10_000;

    private final RefreshStore refreshes;
    private final GrantEvents events;
    private final Cache<Client, Successes> successes =
            Caffeine.newBuilder().maximumSize(MAX_CLIENTS).build();

    RejectionSurge(RefreshStore refreshes, GrantEvents events) {
        this.refreshes = refreshes;
        this.events = events;
    }

    /** Counts a renewed grant of the client of {@code credential}. */
    void renewed(StoredCredential credential) {
        successes.get(client(credential), ignored -> new Successes()).add(events.now());
    }

    /** Whether a surge is under way for the client of {@code credential}. Fails with {@code StorageException}. */
    Uni<Boolean> isOn(StoredCredential credential) {
        Client client = client(credential);
        Successes known = successes.getIfPresent(client);
        int renewed = known == null ? 0 : known.since(events.now().minus(WINDOW));
        if (renewed >= MAX_COUNTED) {
            return Uni.createFrom().item(false);
        }
        return refreshes
                .suspects(client.provider(), client.clientId(), WINDOW, MAX_COUNTED)
                .map(refused -> refused >= MIN_REFUSED && refused > renewed);
    }

    /** Resets the counts of successes. */
    void forget() {
        successes.invalidateAll();
    }

    private static Client client(StoredCredential credential) {
        return new Client(credential.account().provider(), credential.clientId());
    }

    private record Client(String provider, @Nullable String clientId) {}

    /** The successes of each minute in the window. */
    private static final class Successes {

        private final ArrayDeque<Bucket> buckets = new ArrayDeque<>();

        synchronized void add(Instant now) {
            Bucket last = buckets.peekLast();
            if (last == null || !now.isBefore(last.from.plus(BUCKET))) {
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
