package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientLimiters;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Refreshes credentials before they expire. Every replica runs this schedule; the lease decides which replica refreshes a
 * credential, so correctness does not depend on when a replica runs. It leases only as many credentials of a provider as have
 * free slots. A slow provider or a blocked client therefore delays no other.
 */
@ApplicationScoped
class RefreshScheduler {

    private static final Logger LOG = Logger.getLogger(RefreshScheduler.class);
    private static final Duration LEASE_DEADLINE = Duration.ofSeconds(10);
    private static final Duration TICK_DEADLINE = Duration.ofSeconds(15);
    private static final int MAX_BATCH = 256;

    private final RefreshStore refreshes;
    private final ProviderClients clients;
    private final TokenRefresher refresher;
    private final RefreshPreconditions preconditions;
    private final CancellationShield shield;
    private final RefreshConfig config;
    private final BacklogReader backlog;
    private final SchedulerWatchdog watchdog;

    /** Providers whose due credentials are being leased: a second statement would find the slots taken. */
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

    /** For each provider, leases as many due credentials as it has free slots, and starts their refreshes. */
    Uni<Void> sweep() {
        if (!config.enabled()) {
            return backlog.read(clients.providers());
        }
        List<Uni<Void>> sweeps =
                clients.providers().stream().map(each -> leaseDue(each, true)).toList();
        return sweeps.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(sweeps).andCollectFailures().chain(() -> backlog.read(clients.providers()));
    }

    /** Leases the next due credentials when slots are free again, without waiting for a tick. */
    private void refill(String provider) {
        if (unfinished.contains(provider) && !shield.isStopping()) {
            clients.find(provider).ifPresent(found -> {
                var unused = shield.start(() -> leaseDue(found, false));
            });
        }
    }

    /**
     * Leases as many due credentials of {@code provider} as have free slots.
     *
     * @param explore whether to look for clients without a limiter when all known limiters are full
     */
    private Uni<Void> leaseDue(OAuthProvider provider, boolean explore) {
        if (preconditions.refusal(provider).isPresent() || !leasing.add(provider.id())) {
            return Uni.createFrom().voidItem();
        }
        ClientLimiters.Reservation slots = clients.reserve(provider.id());
        int unknown = explore ? Math.min(ClientLimiter.FIRST_LIMIT, Math.max(1, config.concurrency())) : 0;
        int limit = Math.min(MAX_BATCH, slots.size() > 0 ? slots.size() : unknown);
        if (limit == 0) {
            leasing.remove(provider.id());
            return Uni.createFrom().voidItem();
        }
        long leasedAt = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> refreshes.leaseDue(
                        provider.id(),
                        limit,
                        slots.blocked(),
                        refresher.owner(),
                        provider.timers().lease()))
                .ifNoItem()
                .after(LEASE_DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> LOG.warnf(
                        "The schedule cannot lease the due credentials of provider %s and retries: %s",
                        provider.id(), e.getMessage()))
                .onFailure()
                .recoverWithItem(List.of())
                .onTermination()
                .invoke(() -> leasing.remove(provider.id()))
                .onCancellation()
                .invoke(() -> slots.expect(0))
                .invoke(leases -> carryOut(provider.id(), leases, limit, slots, leasedAt))
                .replaceWithVoid();
    }

    private void carryOut(
            String provider, List<RefreshLease> leases, int limit, ClientLimiters.Reservation slots, long leasedAt) {
        if (leases.size() == limit) {
            unfinished.add(provider);
        } else if (slots.blocked().isEmpty()) {
            unfinished.remove(provider); // not while clients are blocked: their due credentials were not counted
        }
        slots.expect(leases.size());
        leases.forEach(lease -> carryOut(lease, leasedAt, slots));
    }

    /** Starts one refresh in the background. */
    private void carryOut(RefreshLease lease, long leasedAt, ClientLimiters.Reservation slots) {
        var unused = shield.start(() -> refresher.refreshUnderLease(lease, leasedAt, slots))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOG.warnf(
                                "Credential %s: the refresh failed: %s",
                                lease.key().id(), failure.getMessage());
                    }
                });
    }
}
