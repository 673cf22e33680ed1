package io.nexus.oauth.token.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.provider.ClientRegistration;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The {@link ClientLimiter}s of this process: one for each OAuth client. A client that a tenant registered has a limiter of
 * its own, even if another tenant's client has the same id: a mistake of one tenant must not block the others.
 */
@ApplicationScoped
public class ClientLimiters {

    private static final int MAX_LIMITERS = 10_000;
    private static final Duration MAX_IDLE = Duration.ofHours(1);
    private static final long SWEEP_MILLIS = 100;
    private static final long READING_MILLIS = 1000;

    /**
     * The requests that share a limiter.
     *
     * @param tenant the tenant with its own registration, or null for the registration that serves all others
     */
    record Key(String provider, String clientId, @Nullable String tenant) {}

    private record Owner(String provider, String tenant) {}

    private final Cache<Key, ClientLimiter> limiters = Caffeine.newBuilder()
            .maximumSize(MAX_LIMITERS)
            .expireAfterAccess(MAX_IDLE)
            .executor(Runnable::run)
            .removalListener(this::removed)
            .build();

    private final ConcurrentHashMap<String, Map<Key, ClientLimiter>> byProvider = new ConcurrentHashMap<>();

    /** The present client of each tenant that has one of its own. */
    private final ConcurrentHashMap<Owner, Key> owned = new ConcurrentHashMap<>();

    private final ConcurrentHashMap<String, Reading.ClientLimits> published = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final ClientRegistrations clients;
    private final RefreshConfig config;
    private final Event<Reading> readings;
    private volatile long sweeps;
    private volatile long publications;

    public ClientLimiters(ClientRegistrations clients, RefreshConfig config, Event<Reading> readings) {
        this.clients = clients;
        this.config = config;
        this.readings = readings;
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        sweeps = vertx.setPeriodic(SWEEP_MILLIS, ignored -> sweep());
        publications = vertx.setPeriodic(READING_MILLIS, ignored -> publish());
    }

    /** Stops the readings, whose listeners end with the process. */
    void stop(@Observes @Priority(ShutdownOrder.STOP_BACKGROUND_WORK) ShutdownEvent event, Vertx vertx) {
        vertx.cancelTimer(sweeps);
        vertx.cancelTimer(publications);
    }

    /** The limiter for the requests of {@code tenant} as {@code client}. Non-blocking. */
    public Uni<ClientLimiter> of(TenantId tenant, ClientRegistration client) {
        if (client.authentication().oidcClient() != null) {
            return Uni.createFrom().item(() -> limiter(new Key(client.provider(), client.clientId(), null), client));
        }
        return clients.isOwn(tenant, client.provider())
                .map(own ->
                        limiter(new Key(client.provider(), client.clientId(), own ? tenant.value() : null), client));
    }

    /** Shows the limiter of {@code tenant}'s own {@code client} its new registration. */
    void changed(TenantId tenant, ClientRegistration client) {
        ClientLimiter limiter = limiters.getIfPresent(new Key(client.provider(), client.clientId(), tenant.value()));
        if (limiter != null) {
            limiter.registered(client);
        }
    }

    private ClientLimiter limiter(Key key, ClientRegistration client) {
        if (key.tenant() != null) {
            forgetFormerClient(key, new Owner(key.provider(), key.tenant()));
        }
        ClientLimiter limiter = limiters.get(key, this::create);
        limiter.registered(client);
        return limiter;
    }

    /** A tenant has one client at a provider. With ever new client ids it would displace the limiters of others. */
    private void forgetFormerClient(Key present, Owner owner) {
        Key former = owned.put(owner, present);
        if (former != null && !former.equals(present)) {
            limiters.invalidate(former);
        }
    }

    private ClientLimiter create(Key key) {
        ClientLimiter limiter = new ClientLimiter(
                config.concurrency(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble(),
                () -> listeners.forEach(each -> each.accept(key.provider())));
        byProvider.compute(key.provider(), (provider, present) -> {
            Map<Key, ClientLimiter> all = present == null ? new ConcurrentHashMap<>() : present;
            all.put(key, limiter);
            return all;
        });
        return limiter;
    }

    private void removed(@Nullable Key key, @Nullable ClientLimiter limiter, RemovalCause cause) {
        Objects.requireNonNull(key);
        byProvider.computeIfPresent(key.provider(), (provider, all) -> {
            all.remove(key, limiter);
            return all.isEmpty() ? null : all;
        });
        if (key.tenant() != null) {
            owned.remove(new Owner(key.provider(), key.tenant()), key);
        }
    }

    /** Calls {@code listener} with a provider's id whenever one of its limiters has free slots. */
    public void onFreeSlots(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Takes free slots at {@code provider}, {@code most} at most. */
    public SlotReservation reserve(String provider, int most) {
        SlotReservation reservation = new SlotReservation(most);
        byProvider.getOrDefault(provider, Map.of()).forEach(reservation::add);
        return reservation;
    }

    private void sweep() {
        byProvider.values().forEach(all -> all.values().forEach(ClientLimiter::sweep));
    }

    /** Fires a reading for each provider whose state has changed. */
    void publish() {
        limiters.cleanUp();
        Map<String, Reading.ClientLimits> now = new HashMap<>();
        limiters.asMap()
                .forEach((key, limiter) ->
                        now.merge(key.provider(), reading(key.provider(), limiter.status()), ClientLimiters::combined));
        published.keySet().stream()
                .filter(gone -> !now.containsKey(gone))
                .toList()
                .forEach(gone -> now.put(gone, new Reading.ClientLimits(gone, "closed", null, 0, 0)));
        now.forEach((provider, reading) -> {
            if (!reading.equals(published.put(provider, reading))) {
                readings.fire(reading);
            }
        });
    }

    /**
     * The present state of a client.
     *
     * @param tenant the tenant with a registration of its own, or null for one that serves several tenants
     * @param circuit {@code closed}, {@code half_open}, {@code open}, or {@code paused} when the provider asked to wait
     * @param reason the code of the failure, or null while the circuit is closed
     * @param delay the time until the next request; zero when requests pass
     */
    public record ClientState(
            String clientId,
            @Nullable String tenant,
            String circuit,
            @Nullable String reason,
            Duration delay,
            int limit,
            int inFlight) {

        static ClientState of(Key key, ClientLimiter.Status status) {
            ClientLimiter.Refused refusal = status.refusal();
            boolean paused = refusal != null && status.circuit() != CircuitBreaker.State.OPEN;
            return new ClientState(
                    key.clientId(),
                    key.tenant(),
                    paused ? "paused" : status.circuit().name().toLowerCase(Locale.ROOT),
                    refusal != null ? refusal.code() : status.reason(),
                    refusal == null ? Duration.ZERO : refusal.retryAfter(),
                    status.limit(),
                    status.inFlight());
        }
    }

    /** The states of the clients in use, by provider. */
    public Map<String, List<ClientState>> states() {
        Map<String, List<ClientState>> states = new HashMap<>();
        limiters.asMap()
                .forEach((key, limiter) -> states.computeIfAbsent(key.provider(), provider -> new ArrayList<>())
                        .add(ClientState.of(key, limiter.status())));
        return states;
    }

    /** The number of limiters. */
    long size() {
        limiters.cleanUp();
        return limiters.estimatedSize();
    }

    /** Drops all limiters, also those with an open circuit. */
    public void forget() {
        limiters.invalidateAll();
    }

    private static Reading.ClientLimits reading(String provider, ClientLimiter.Status status) {
        return new Reading.ClientLimits(
                provider,
                status.circuit().name().toLowerCase(Locale.ROOT),
                status.reason(),
                status.limit(),
                status.inFlight());
    }

    /** The sum of two readings with the worse circuit: "open" sorts after "half_open", and that after "closed". */
    private static Reading.ClientLimits combined(Reading.ClientLimits a, Reading.ClientLimits b) {
        Reading.ClientLimits worse = a.circuit().compareTo(b.circuit()) >= 0 ? a : b;
        return new Reading.ClientLimits(
                a.provider(), worse.circuit(), worse.reason(), a.limit() + b.limit(), a.inFlight() + b.inFlight());
    }
}
