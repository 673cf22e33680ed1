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
 * Tells one user's end from everybody's: whether more grants of a client are refused than renewed. Refusals are counted in the
 * database, over all replicas; successes here, which errs towards patience.
 */
@ApplicationScoped
class RejectionSurge {

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final Duration BUCKET = Duration.ofMinutes(1);

    /** Fewer are no wave: some users always leave. */
    private static final int LEAST = 10;

    private static final int COUNTED = 1_000;
    private static final int MOST_CLIENTS = 10_000;

    private final RefreshStore refreshes;
    private final GrantEvents events;
    private final Cache<Client, Successes> successes =
            Caffeine.newBuilder().maximumSize(MOST_CLIENTS).build();

    RejectionSurge(RefreshStore refreshes, GrantEvents events) {
        this.refreshes = refreshes;
        this.events = events;
    }

    /** A grant of {@code credential}'s client was renewed. */
    void renewed(StoredCredential credential) {
        successes.get(client(credential), ignored -> new Successes()).add(events.now());
    }

    /** Whether the client of {@code credential} is in one. */
    Uni<Boolean> isOn(StoredCredential credential) {
        Client client = client(credential);
        Successes known = successes.getIfPresent(client);
        int renewed = known == null ? 0 : known.since(events.now().minus(WINDOW));
        if (renewed >= COUNTED) {
            return Uni.createFrom().item(false);
        }
        return refreshes
                .suspects(client.provider(), client.clientId(), WINDOW, COUNTED)
                .map(refused -> refused >= LEAST && refused > renewed);
    }

    /** Forgets the successes: from here on they count anew. */
    void forget() {
        successes.invalidateAll();
    }

    private static Client client(StoredCredential credential) {
        return new Client(credential.account().provider(), credential.clientId());
    }

    private record Client(String provider, @Nullable String clientId) {}

    /** How many there were, minute by minute. */
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
