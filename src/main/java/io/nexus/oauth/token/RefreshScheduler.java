package io.nexus.oauth.token;

import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.store.RefreshStore;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Refreshes what nears its expiry. Every replica ticks; who gets a credential is decided by the claim, so correctness does not
 * depend on who ticks or when. Each provider has its own slots: a slow one delays nobody else.
 */
@ApplicationScoped
class RefreshScheduler {

    private static final Logger LOG = Logger.getLogger(RefreshScheduler.class);
    private static final Duration CLAIM_DEADLINE = Duration.ofSeconds(10);

    private final RefreshStore refreshes;
    private final ProviderCatalogue catalogue;
    private final TokenRefresher refresher;
    private final Detached detached;
    private final RefreshConfig config;
    private final ConcurrentHashMap<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();

    RefreshScheduler(
            RefreshStore refreshes,
            ProviderCatalogue catalogue,
            TokenRefresher refresher,
            Detached detached,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.catalogue = catalogue;
        this.refresher = refresher;
        this.detached = detached;
        this.config = config;
    }

    /** Claims for each provider as many due credentials as it has free slots, and sets their refreshes going. */
    @Scheduled(
            every = "{nexus.oauth.refresh.every}",
            identity = "refresh-due",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> tick() {
        if (!config.enabled()) {
            return Uni.createFrom().voidItem();
        }
        List<Uni<Void>> claims = catalogue.all().stream().map(this::claimDue).toList();
        return claims.isEmpty()
                ? Uni.createFrom().voidItem()
                : Uni.join().all(claims).andCollectFailures().replaceWithVoid();
    }

    private Uni<Void> claimDue(OAuthProvider provider) {
        AtomicInteger busy = inFlight.computeIfAbsent(provider.id(), ignored -> new AtomicInteger());
        int free = detached.isStopping() ? 0 : reserve(busy);
        if (free == 0) {
            return Uni.createFrom().voidItem();
        }
        long claimedAt = System.nanoTime();
        return refreshes
                .claimDue(
                        List.of(provider.id()),
                        free,
                        refresher.owner(),
                        provider.timers().lease())
                .ifNoItem()
                .after(CLAIM_DEADLINE)
                .fail()
                .onFailure()
                .invoke(e -> LOG.warnf("due credentials of %s cannot be claimed: %s", provider.id(), e.getMessage()))
                .onFailure()
                .recoverWithItem(List.of())
                .invoke(claims -> {
                    busy.addAndGet(claims.size() - free);
                    claims.forEach(claim -> settle(provider, claim, claimedAt, busy));
                })
                .replaceWithVoid();
    }

    /** Takes all free slots before the claim is made, so that two claims at once cannot take them twice. */
    private int reserve(AtomicInteger busy) {
        int before = busy.getAndUpdate(now -> Math.max(now, config.concurrency()));
        return Math.max(0, config.concurrency() - before);
    }

    /** The refresh runs on its own; when the last one of a provider ends, its next credentials are claimed without a tick. */
    private void settle(OAuthProvider provider, RefreshClaim claim, long claimedAt, AtomicInteger busy) {
        var unused = detached.start(() -> refresher.settle(claim, claimedAt)).whenComplete((outcome, failure) -> {
            if (failure != null) {
                LOG.warnf("credential %s: its refresh failed: %s", claim.key().id(), failure.getMessage());
            }
            if (busy.decrementAndGet() == 0) {
                var unusedToo = detached.start(() -> claimDue(provider));
            }
        });
    }
}
