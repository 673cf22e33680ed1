package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.client.SlotReservation;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshStart;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Refreshes credentials before they expire. Every replica runs this schedule; the lease decides which replica refreshes a
 * credential, so correctness does not depend on when a replica runs. It leases only as many credentials of a provider as have
 * free slots. A slow provider or a blocked client therefore delays no other. One statement finds the providers with due
 * credentials. They are served in turn, a few at once, so thousands of providers neither exhaust the pool nor delay one another.
 */
@ApplicationScoped
class RefreshScheduler {

    private static final Logger LOG = Logger.getLogger(RefreshScheduler.class);
    private static final Duration LEASE_DEADLINE = Duration.ofSeconds(10);
    private static final Duration TICK_DEADLINE = Duration.ofSeconds(15);

    /** How many statements lease due credentials at once: a quarter of the pool's default size. */
    static final int LEASES_AT_ONCE = 4;

    /** After as many failures the rest of a tick is skipped: the database is unavailable, and the next tick finds it all. */
    private static final int MAX_FAILURES = LEASES_AT_ONCE;

    private final RefreshStore refreshes;
    private final ProviderClients clients;
    private final TokenRefresher refresher;
    private final RefreshPreconditions preconditions;
    private final CancellationShield shield;
    private final RefreshConfig config;
    private final BacklogReader backlog;
    private final SchedulerWatchdog watchdog;
    private final ConcurrencyGate gate;
    private final InFlightRefreshes inFlight = new InFlightRefreshes();

    /** Providers whose due credentials are being leased or wait for that: a second statement would find the slots taken. */
    private final Set<String> leasing = ConcurrentHashMap.newKeySet();

    /** Providers with more due credentials than were leased. */
    private final Set<String> unfinished = ConcurrentHashMap.newKeySet();

    RefreshScheduler(
            RefreshStore refreshes,
            ProviderClients clients,
            TokenRefresher refresher,
            RefreshPreconditions preconditions,
            CancellationShield shield,
            RefreshConfig config,
            BacklogReader backlog,
            SchedulerWatchdog watchdog) {
        this.refreshes = refreshes;
        this.clients = clients;
        this.refresher = refresher;
        this.preconditions = preconditions;
        this.shield = shield;
        this.config = config;
        this.backlog = backlog;
        this.watchdog = watchdog;
        this.gate = new ConcurrencyGate(shield, LEASES_AT_ONCE);
        clients.onFreeSlots(this::refill);
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        watchdog.start(vertx, () -> {
            var unused = shield.start(this::sweep);
        });
    }

    /**
     * Runs one sweep. The tick always ends within 15 s, because the scheduler starts no tick while one is under way. The
     * sweep has deadlines of its own. At shutdown the process waits for a running sweep, because only this process can end
     * the leases it takes.
     */
    @Scheduled(
            every = "{nexus.oauth.refresh.every}",
            identity = "refresh-due",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> tick() {
        return ScheduledRun.of(LOG, "due credentials", TICK_DEADLINE, () -> shield.run(this::sweep))
                .eventually(
                        watchdog::ticked); // also after a failure: an unavailable database does not stop the schedule
    }

    /** For each provider with due credentials, leases as many as it has free slots, and starts their refreshes. */
    Uni<Void> sweep() {
        if (!config.enabled()) {
            return backlog.read(clients.providers());
        }
        List<OAuthProvider> ready = clients.providers().stream()
                .filter(each -> !leasing.contains(each.id())
                        && preconditions.refusal(each).isEmpty())
                .toList();
        return (ready.isEmpty() ? Uni.createFrom().voidItem() : sweep(ready))
                .chain(() -> backlog.read(clients.providers()));
    }

    private Uni<Void> sweep(List<OAuthProvider> ready) {
        List<String> ids = ready.stream().map(OAuthProvider::id).toList();
        return Uni.createFrom()
                .deferred(() -> refreshes.dueProviders(ids))
                .ifNoItem()
                .after(LEASE_DEADLINE)
                .fail()
                .invoke(due -> forgetFinished(ids, due))
                .onFailure()
                .invoke(e -> LOG.warnf(
                        "The schedule cannot look for due credentials and retries at its next tick: %s",
                        e.getMessage()))
                .onFailure()
                .recoverWithItem(List.of())
                .chain(this::leaseInTurn);
    }

    private void forgetFinished(List<String> asked, List<String> due) {
        Set<String> finished = new HashSet<>(asked);
        due.forEach(finished::remove);
        finished.forEach(unfinished::remove);
    }

    private Uni<Void> leaseInTurn(List<String> due) {
        AtomicInteger failures = new AtomicInteger();
        List<Uni<Void>> leases = due.stream()
                .flatMap(id -> clients.find(id).stream())
                .map(each -> leaseInTurn(each, true, failures))
                .toList();
        return leases.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(leases).andCollectFailures().replaceWithVoid();
    }

    /** Leases the next due credentials when slots are free again, without waiting for a tick. */
    private void refill(String provider) {
        if (unfinished.contains(provider) && !shield.isStopping()) {
            clients.find(provider).ifPresent(found -> {
                var unused = shield.start(() -> leaseInTurn(found, false, new AtomicInteger()));
            });
        }
    }

    /** Leases due credentials of {@code provider} when its turn has come. The shield runs this, so nobody cancels it. */
    private Uni<Void> leaseInTurn(OAuthProvider provider, boolean explore, AtomicInteger failures) {
        if (!leasing.add(provider.id())) {
            return Uni.createFrom().voidItem();
        }
        return gate.run(() -> {
                    if (failures.get() >= MAX_FAILURES
                            || preconditions.refusal(provider).isPresent()) {
                        leasing.remove(provider.id());
                        return Uni.createFrom().voidItem();
                    }
                    return leaseDue(provider, explore, failures);
                })
                .onFailure()
                .invoke(() -> leasing.remove(provider.id()));
    }

    /**
     * Leases as many due credentials of {@code provider} as have free slots. Ends when their refreshes have begun: the clients and
     * keys of what is leased are read first, and a lease that waits for that for long would expire.
     *
     * @param explore whether to look for clients without a limiter when all known limiters are full
     * @param failures counts a statement that failed
     */
    private Uni<Void> leaseDue(OAuthProvider provider, boolean explore, AtomicInteger failures) {
        RefreshStart start = refresher.start();
        SlotReservation slots = clients.reserve(provider.id(), inFlight.share());
        int unknown = explore ? Math.min(ClientLimiter.UNPROVEN_LIMIT, Math.max(1, config.concurrency())) : 0;
        int limit = inFlight.take(slots.size() > 0 ? slots.size() : unknown);
        if (limit == 0) {
            slots.expect(List.of());
            unfinished.add(provider.id());
            leasing.remove(provider.id());
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom()
                .deferred(() -> refreshes.leaseDue(
                        provider.id(),
                        limit,
                        slots.clients(),
                        refresher.owner(),
                        provider.timers().lease()))
                .ifNoItem()
                .after(LEASE_DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> {
                    failures.incrementAndGet();
                    LOG.warnf(
                            "The schedule cannot lease the due credentials of provider %s and retries: %s",
                            provider.id(), e.getMessage());
                })
                .onFailure()
                .recoverWithItem(List.of())
                .chain(leases -> carryOut(provider.id(), leases, limit, slots, start));
    }

    /**
     * Starts the refreshes. Unused slots are freed while the provider still counts as being leased: nothing else is due for their
     * clients, and a refill would look for it again and again.
     */
    private Uni<Void> carryOut(
            String provider, List<RefreshLease> leases, int limit, SlotReservation slots, RefreshStart start) {
        if (leases.size() == limit) {
            unfinished.add(provider);
        } else if (!slots.hasFullClients()) {
            unfinished.remove(provider); // not while clients are full: their due credentials were not counted
        }
        inFlight.free(limit - leases.size());
        slots.expect(leases);
        leasing.remove(provider);
        List<Uni<Void>> begun =
                leases.stream().map(lease -> begin(lease, start, slots)).toList();
        return begun.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(begun).andCollectFailures().replaceWithVoid();
    }

    /** Starts one refresh in the background. Never fails. However it ends, its place is free again. */
    private Uni<Void> begin(RefreshLease lease, RefreshStart start, SlotReservation slots) {
        return Uni.createFrom()
                .deferred(() -> refresher.prepare(lease, start, slots))
                .onFailure()
                .invoke(slots::skip)
                .invoke(refresh -> {
                    var unused = shield.start(refresh::start).whenComplete((outcome, failure) -> ended(lease, failure));
                })
                .onFailure()
                .invoke(failure -> ended(lease, failure))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }

    private void ended(RefreshLease lease, @Nullable Throwable failure) {
        inFlight.free(1);
        if (failure != null) {
            LOG.warnf("Credential %s: the refresh failed: %s", lease.key().id(), failure.getMessage());
        }
    }

    /** The number of refreshes that the schedule has in flight. */
    int inFlight() {
        return inFlight.count();
    }
}
