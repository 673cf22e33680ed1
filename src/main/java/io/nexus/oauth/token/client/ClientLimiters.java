package io.nexus.oauth.token.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.store.RefreshStore.BlockedClient;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link ClientLimiter}s of this process: one for each OAuth client. A client that a tenant registered has a gate of its own even
 * where another's has the same id: what one tenant does wrong must not shut the others out.
 */
@ApplicationScoped
public class ClientLimiters {

    private static final int MOST = 10_000;
    private static final Duration IDLE = Duration.ofHours(1);
    private static final long SWEEP_MILLIS = 100;

    /**
     * Whose requests share a gate.
     *
     * @param tenant the tenant whose own registration it is, or null for the one that serves all who have none
     */
    record Key(String provider, String clientId, @Nullable String tenant) {}

    private final Cache<Key, ClientLimiter> limiters =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(IDLE).build();
    private final ConcurrentHashMap<String, Reading.Gate> told = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final ClientRegistrations clients;
    private final RefreshConfig config;
    private final Event<Reading> readings;
    private volatile long timer;

    public ClientLimiters(ClientRegistrations clients, RefreshConfig config, Event<Reading> readings) {
        this.clients = clients;
        this.config = config;
        this.readings = readings;
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        timer = vertx.setPeriodic(SWEEP_MILLIS, ignored -> sweep());
    }

    /** Who would be told is about to end. */
    void stop(@Observes @Priority(ShutdownOrder.STOP_BACKGROUND_WORK) ShutdownEvent event, Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /** The gate for what {@code tenant} sends as {@code client}. Non-blocking. */
    public Uni<ClientLimiter> of(TenantId tenant, ClientRegistration client) {
        return clients.isOwn(tenant, client.provider())
                .map(own -> gate(new Key(client.provider(), client.clientId(), own ? tenant.value() : null), client));
    }

    private ClientLimiter gate(Key key, ClientRegistration client) {
        ClientLimiter limiter = limiters.get(
                key,
                missing -> new ClientLimiter(
                        config.concurrency(),
                        System::nanoTime,
                        () -> ThreadLocalRandom.current().nextDouble(),
                        () -> listeners.forEach(each -> each.accept(missing.provider()))));
        limiter.registered(client);
        return limiter;
    }

    /** Calls {@code listener} with a provider's id whenever one of its gates has room for more. */
    public void listen(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Takes every free slot at {@code provider}. */
    public Reservation reserve(String provider) {
        Reservation reservation = new Reservation();
        limiters.asMap().forEach((key, limiter) -> {
            if (key.provider().equals(provider)) {
                reservation.add(key, limiter.reserve());
            }
        });
        return reservation;
    }

    /** What patience and time ask for; and tells how the gates stand when that changed. */
    void sweep() {
        Map<String, Reading.Gate> now = new HashMap<>();
        limiters.asMap().forEach((key, limiter) -> {
            limiter.sweep();
            now.merge(key.provider(), reading(key.provider(), limiter.status()), ClientLimiters::both);
        });
        told.keySet().stream()
                .filter(gone -> !now.containsKey(gone))
                .toList()
                .forEach(gone -> now.put(gone, new Reading.Gate(gone, "closed", null, 0, 0)));
        now.forEach((provider, reading) -> {
            if (!reading.equals(told.put(provider, reading))) {
                readings.fire(reading);
            }
        });
    }

    /** Forgets all gates, the open ones too. */
    public void forget() {
        limiters.invalidateAll();
    }

    private static Reading.Gate reading(String provider, ClientLimiter.Status status) {
        return new Reading.Gate(
                provider,
                status.circuit().name().toLowerCase(Locale.ROOT),
                status.reason(),
                status.limit(),
                status.inFlight());
    }

    /** "open" sorts behind "half_open", and that behind "closed": the worse of the two. */
    private static Reading.Gate both(Reading.Gate a, Reading.Gate b) {
        Reading.Gate worse = a.circuit().compareTo(b.circuit()) >= 0 ? a : b;
        return new Reading.Gate(
                a.provider(), worse.circuit(), worse.reason(), a.limit() + b.limit(), a.inFlight() + b.inFlight());
    }

    /** Slots at one provider that were taken before a claim, for what it brings. Safe for concurrent use. */
    public static final class Reservation {
        private final Queue<ClientLimiter.Permit> free = new ArrayDeque<>();
        private int expected;
        private final List<BlockedClient> blocked = new ArrayList<>();

        private void add(Key key, Collection<ClientLimiter.Permit> permits) {
            free.addAll(permits);
            if (permits.isEmpty()) {
                blocked.add(new BlockedClient(key.tenant(), key.clientId()));
            }
        }

        /** The slots that are left. */
        public synchronized int size() {
            return free.size();
        }

        /** The clients whose gates are shut or full. */
        public List<BlockedClient> blocked() {
            return blocked;
        }

        /** So many come for a slot, each once; what is left then goes back. */
        public void expect(int claims) {
            synchronized (this) {
                expected = claims;
            }
            giveBackTheRest();
        }

        /** A slot of {@code limiter}, of those that were taken. */
        public Optional<ClientLimiter.Permit> take(ClientLimiter limiter) {
            Optional<ClientLimiter.Permit> permit;
            synchronized (this) {
                permit = free.stream().filter(each -> each.isOf(limiter)).findFirst();
                permit.ifPresent(free::remove);
                expected--;
            }
            giveBackTheRest();
            return permit;
        }

        /** One that was expected needs none. */
        public void pass() {
            synchronized (this) {
                expected--;
            }
            giveBackTheRest();
        }

        private void giveBackTheRest() {
            List<ClientLimiter.Permit> rest;
            synchronized (this) {
                if (expected > 0) {
                    return;
                }
                rest = List.copyOf(free);
                free.clear();
            }
            rest.forEach(ClientLimiter.Permit::close);
        }
    }
}
