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
 * Refreshes what nears its expiry. Every replica ticks; who gets a credential is decided by the claim, so correctness does not
 * depend on who ticks or when. It claims only what its provider's gates have slots for: a slow provider, or a client that is shut
 * out, delays nobody else.
 */
@ApplicationScoped
class RefreshScheduler {

    private static final Logger LOG = Logger.getLogger(RefreshScheduler.class);
    private static final Duration CLAIM_DEADLINE = Duration.ofSeconds(10);
    private static final Duration TICK_DEADLINE = Duration.ofSeconds(15);
    private static final int LARGEST_BATCH = 256;

    private final RefreshStore refreshes;
    private final ProviderClients clients;
    private final TokenRefresher refresher;
    private final RefreshPreconditions guard;
    private final CancellationShield shield;
    private final RefreshConfig config;
    private final BacklogReader backlog;
    private final SchedulerWatchdog watch;

    /** Providers whose claim is under way: a second one would find the slots of the first taken. */
    private final Set<String> claiming = ConcurrentHashMap.newKeySet();

    /** Providers of which more was due than was claimed. */
    private final Set<String> unfinished = ConcurrentHashMap.newKeySet();

    RefreshScheduler(
            RefreshStore refreshes,
            ProviderClients clients,
            TokenRefresher refresher,
            RefreshPreconditions guard,
            CancellationShield shield,
            RefreshConfig config,
            BacklogReader backlog,
            SchedulerWatchdog watch) {
        this.refreshes = refreshes;
        this.clients = clients;
        this.refresher = refresher;
        this.guard = guard;
        this.shield = shield;
        this.config = config;
        this.backlog = backlog;
        this.watch = watch;
        clients.onRoom(this::refill);
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        watch.start(vertx, () -> {
            var unused = shield.start(this::sweep);
        });
    }

    /**
     * One sweep. The tick ends in time whatever hangs, as the scheduler starts none while one is under way; the sweep goes on to its own
     * deadlines. A claim on its way takes leases that nobody else can end, so the process waits for it.
     */
    @Scheduled(
            every = "{nexus.oauth.refresh.every}",
            identity = "refresh-due",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> tick() {
        return ScheduledRun.of(LOG, "due credentials", TICK_DEADLINE, () -> shield.run(this::sweep))
                .eventually(watch::ticked); // a database that is away is no reason to doubt the schedule
    }

    /** Claims for each provider as many due credentials as it has free slots, and sets their refreshes going. */
    Uni<Void> sweep() {
        if (!config.enabled()) {
            return backlog.read(clients.providers());
        }
        List<Uni<Void>> claims =
                clients.providers().stream().map(each -> claimDue(each, true)).toList();
        return claims.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(claims).andCollectFailures().chain(() -> backlog.read(clients.providers()));
    }

    /** Slots came free: the next are claimed without waiting for a tick, when the last claim left some. */
    private void refill(String provider) {
        if (unfinished.contains(provider) && !shield.isStopping()) {
            clients.find(provider).ifPresent(found -> {
                var unused = shield.start(() -> claimDue(found, false));
            });
        }
    }

    /**
     * Claims what the gates have room for.
     *
     * @param explore whether to look for clients that have no gate yet when all known ones are full
     */
    private Uni<Void> claimDue(OAuthProvider provider, boolean explore) {
        if (guard.refusal(provider).isPresent() || !claiming.add(provider.id())) {
            return Uni.createFrom().voidItem();
        }
        ClientLimiters.Reservation slots = clients.reserve(provider.id());
        int unknown = explore ? Math.min(ClientLimiter.FIRST_LIMIT, Math.max(1, config.concurrency())) : 0;
        int limit = Math.min(LARGEST_BATCH, slots.size() > 0 ? slots.size() : unknown);
        if (limit == 0) {
            claiming.remove(provider.id());
            return Uni.createFrom().voidItem();
        }
        long claimedAt = System.nanoTime();
        return Uni.createFrom()
                .deferred(() -> refreshes.claimDue(
                        provider.id(),
                        limit,
                        slots.blocked(),
                        refresher.owner(),
                        provider.timers().lease()))
                .ifNoItem()
                .after(CLAIM_DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> LOG.warnf("due credentials of %s cannot be claimed: %s", provider.id(), e.getMessage()))
                .onFailure()
                .recoverWithItem(List.of())
                .onTermination()
                .invoke(() -> claiming.remove(provider.id()))
                .onCancellation()
                .invoke(() -> slots.expect(0))
                .invoke(claims -> carryOut(provider.id(), claims, limit, slots, claimedAt))
                .replaceWithVoid();
    }

    private void carryOut(
            String provider, List<RefreshLease> claims, int limit, ClientLimiters.Reservation slots, long claimedAt) {
        if (claims.size() == limit) {
            unfinished.add(provider);
        } else if (slots.blocked().isEmpty()) {
            unfinished.remove(provider); // else nobody knows how much is due for those who were left alone
        }
        slots.expect(claims.size());
        claims.forEach(lease -> carryOut(lease, claimedAt, slots));
    }

    /** The refresh runs on its own. */
    private void carryOut(RefreshLease lease, long claimedAt, ClientLimiters.Reservation slots) {
        var unused = shield.start(() -> refresher.settle(lease, claimedAt, slots))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOG.warnf(
                                "credential %s: its refresh failed: %s",
                                lease.key().id(), failure.getMessage());
                    }
                });
    }
}
