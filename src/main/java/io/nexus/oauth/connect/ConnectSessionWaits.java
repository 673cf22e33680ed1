package io.nexus.oauth.connect;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Callers that wait until a connect session has ended. Each reads its session twice a second, so the number of callers is bounded.
 * Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class ConnectSessionWaits {

    /** The highest number of callers of one tenant that wait at once. */
    static final int MAX_OF_TENANT = 100;

    /** The highest number of callers that wait at once. */
    static final int MAX = 1_000;

    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final ConnectSessionStore sessions;
    private final CancellationShield shield;
    private final Clock clock;
    private final Map<TenantId, Integer> ofTenant = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();

    ConnectSessionWaits(ConnectSessionStore sessions, CancellationShield shield, Clock clock) {
        this.sessions = sessions;
        this.shield = shield;
        this.clock = clock;
    }

    /**
     * The tenant's session {@code id} when it has ended, or its state after {@code wait}. Emits the present state at once when too
     * many callers wait already, and when the process stops.
     */
    public Uni<Optional<ConnectSession>> await(TenantId tenant, UUID id, Duration wait) {
        return Uni.createFrom().deferred(() -> {
            if (wait.isZero() || !enter(tenant)) {
                return sessions.get(tenant, id);
            }
            AtomicBoolean inside = new AtomicBoolean(true); // a cancellation can race with the item
            return Uni.createFrom()
                    .deferred(() -> poll(tenant, id, clock.instant().plus(wait)))
                    .onTermination()
                    .invoke(() -> {
                        if (inside.getAndSet(false)) {
                            leave(tenant);
                        }
                    });
        });
    }

    private Uni<Optional<ConnectSession>> poll(TenantId tenant, UUID id, Instant until) {
        return sessions.get(tenant, id)
                .chain(found -> found.filter(session -> isOpen(session, until)).isEmpty()
                        ? Uni.createFrom().item(found)
                        : Uni.createFrom()
                                .voidItem()
                                .onItem()
                                .delayIt()
                                .by(INTERVAL)
                                .chain(() -> poll(tenant, id, until)));
    }

    private boolean isOpen(ConnectSession session, Instant until) {
        Instant now = clock.instant();
        return now.isBefore(until) && !session.isEnded(now) && !shield.isStopping();
    }

    boolean enter(TenantId tenant) {
        if (all.incrementAndGet() > MAX) {
            all.decrementAndGet();
            return false;
        }
        if (ofTenant.merge(tenant, 1, Integer::sum) > MAX_OF_TENANT) {
            leave(tenant);
            return false;
        }
        return true;
    }

    void leave(TenantId tenant) {
        ofTenant.computeIfPresent(tenant, (key, count) -> count == 1 ? null : count - 1);
        all.decrementAndGet();
    }
}
