package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshStart;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two refreshers that share only the database, like two replicas. */
@QuarkusTest
class RefreshReplicasTest extends TokenFixture {

    private static final Duration LEASE = Duration.ofSeconds(75);

    @Inject
    RefreshStore refreshes;

    @Inject
    RefreshAttempt attempt;

    @Inject
    ChangeFeed feed;

    @Inject
    ProviderCatalogue catalogue;

    @Inject
    CancellationShield shield;

    @Inject
    ClientRegistrations clients;

    @Inject
    Replicas replicas;

    private TokenRefresher here;
    private TokenRefresher there;

    @BeforeEach
    void startTwo() {
        here = replicas.refresher();
        there = replicas.refresher();
    }

    private TokenRefresher replica(Map<String, String> settings) {
        RefreshConfig config = RefreshSettings.with(settings);
        return replicas.refresher(replicas.clients(config), config, shield);
    }

    @Test
    void oneOfTwoReplicasAsksTheProvider() {
        StoredCredential credential = expired("strict");
        provider.delay(Duration.ofMillis(300));

        List<RefreshOutcome> outcomes = await(Uni.join()
                .all(Stream.of(here, there, here, there)
                        .map(each -> each.refresh(credential, RefreshTrigger.READ))
                        .toList())
                .andFailFast());

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                RefreshOutcome.Renewed.class,
                                renewed -> assertThat(renewed.credential().version())
                                        .isEqualTo(2)));
        assertThat(here.owner()).isNotEqualTo(there.owner());
    }

    @Test
    void lateComerSeesThatTheCredentialMovedOn() {
        StoredCredential credential = expired("strict");
        await(here.refresh(credential, RefreshTrigger.READ));

        RefreshOutcome outcome = await(there.refresh(credential, RefreshTrigger.READ));

        assertThat(outcome).isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void waiterHearsOfTheRefusalElsewhere() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.error(400, "consent_required"));
        var owner = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        var waiter = there.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.release();

        assertThat(owner).succeedsWithin(LEASE).isEqualTo(new RefreshOutcome.Rejected("consent_required"));
        assertThat(waiter).succeedsWithin(LEASE).isEqualTo(new RefreshOutcome.Rejected("consent_required"));
    }

    /** A database that failed over meanwhile may lack the lease, and then another replica takes one, too. */
    @Test
    void nothingIsSentUnderALeaseFromBeforeAReconnect() {
        StoredCredential credential = expired("strict");
        StoredCredential harmless = expired("steady");
        RefreshStart before = here.start();
        RefreshLease lease = takeLease(credential);
        RefreshLease other = takeLease(harmless);
        database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nexus-oauth'"
                        + " AND (query LIKE 'LISTEN%' OR query LIKE '%pg_current_wal_flush_lsn%' OR query LIKE '%database_copies%')");
        Awaitility.await().until(() -> !feed.isSameSince(before.nanos()) && feed.isSettled());

        RefreshOutcome outcome = await(attempt.carryOut(lease, task("strict", before.nanos())));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        RefreshOutcome.Deferred.class,
                        deferred -> assertThat(deferred.code()).isEqualTo("database_unsettled"));
        assertThat(provider.calls(user(credential))).isEmpty();
        assertThat(await(attempt.carryOut(other, task("steady", before.nanos()))))
                .as("at a provider that does not rotate")
                .isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(await(here.refresh(row(credential), RefreshTrigger.READ)))
                .as("under a lease of the present connection")
                .isInstanceOf(RefreshOutcome.Renewed.class);
    }

    // the other replica must evict the cached credential
    @Test
    void endOfAGrantIsToldToTheOthers() {
        StoredCredential credential = expired("strict");
        List<UUID> told = new CopyOnWriteArrayList<>();
        feed.listen(new ChangeFeed.Listener() {
            @Override
            public void changed(UUID id) {
                told.add(id);
            }

            @Override
            public void missed() {}
        });
        Awaitility.await().atMost(LEASE).until(feed::isProven);
        provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));

        await(here.refresh(credential, RefreshTrigger.READ));

        Awaitility.await()
                .atMost(LEASE)
                .untilAsserted(() -> assertThat(told).contains(credential.key().id()));
    }

    // a slot is for requests to the provider
    @Test
    void waiterForAnotherReplicaHoldsNoSlot() {
        StoredCredential credential = expired("strict");
        StoredCredential another = expired("strict");
        TokenRefresher oneSlot = replica(Map.of("concurrency", "1", "longest-wait", "60s"));
        StrictProvider.Hold hold = provider.hold(user(credential));
        var owner = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        var waiter = oneSlot.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();

        assertThat(await(oneSlot.refresh(another, RefreshTrigger.READ))).isInstanceOf(RefreshOutcome.Renewed.class);

        assertThat(waiter).isNotDone();
        hold.release();
        assertThat(owner).succeedsWithin(LEASE).isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(waiter).succeedsWithin(LEASE).isInstanceOf(RefreshOutcome.Renewed.class);
    }

    @Test
    void waiterHearsOfTheFailureElsewhere() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.status(500, "", ""));
        var owner = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        var waiter = there.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.release();

        assertThat(owner)
                .succeedsWithin(LEASE)
                .isEqualTo(new RefreshOutcome.Deferred("provider_error", Duration.ofSeconds(121)));
        assertThat(waiter).succeedsWithin(LEASE).isInstanceOfSatisfying(RefreshOutcome.Deferred.class, later -> {
            assertThat(later.code()).isEqualTo("provider_error");
            assertThat(later.retryAfter()).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(120));
        });
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void readerOfAReleasedLeaseTriesAgainItself() {
        StoredCredential credential = expired("steady");
        provider.next(user(credential), StrictProvider.rateLimited("60"));

        assertThat(await(here.refresh(credential, RefreshTrigger.FORCED)))
                .isEqualTo(new RefreshOutcome.Deferred("rate_limited", Duration.ofSeconds(60)));
        assertThat(await(there.refresh(credential, RefreshTrigger.FORCED))).isInstanceOf(RefreshOutcome.Renewed.class);
    }

    @Test
    void waiterHearsOfTheRevocation() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var owner = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        var waiter = there.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(waiter).succeedsWithin(LEASE).isEqualTo(new RefreshOutcome.Gone());
        hold.release();
        assertThat(owner).succeedsWithin(LEASE).isEqualTo(new RefreshOutcome.Gone());
    }

    @Test
    void waiterHearsThatTheCredentialIsGone() {
        StoredCredential credential = expired("strict");
        database.run("DELETE FROM oauth_credentials");

        assertThat(await(there.refresh(credential, RefreshTrigger.READ))).isEqualTo(new RefreshOutcome.Gone());
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void waiterGivesUpInTheEnd() {
        StoredCredential credential = expired("strict");
        takeLease(credential);

        RefreshOutcome outcome =
                await(replica(Map.of("longest-wait", "300ms")).refresh(credential, RefreshTrigger.READ));

        assertThat(outcome).isInstanceOfSatisfying(RefreshOutcome.Deferred.class, later -> {
            assertThat(later.code()).isEqualTo("refresh_in_progress");
            // the rest of the lease and the quarantine after it
            assertThat(later.retryAfter()).isBetween(Duration.ofSeconds(180), Duration.ofSeconds(195));
        });
        assertThat(provider.arrivals()).isZero();
    }

    // the owner of the lease is gone, and it is unknown whether it sent a request
    @Test
    void takesOverAfterLeaseAndQuarantine() {
        StoredCredential credential = expired("strict");
        takeLease(credential);
        database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '110 s'");
        assertThat(await(there.refresh(credential, RefreshTrigger.READ))).isInstanceOf(RefreshOutcome.Deferred.class);
        assertThat(provider.arrivals()).isZero();

        database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '121 s'");

        assertThat(await(there.refresh(credential, RefreshTrigger.READ))).isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(row(credential).refresh().unresolved()).isZero();
    }

    // the zombie's answer is the only living token, and is kept
    @Test
    void zombiesAnswerIsKeptUntilANewerOneComes() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var zombie = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        expireLease(credential);
        RefreshLease taken = takeLease(credential);
        hold.release();

        assertThat(zombie).succeedsWithin(LEASE).isInstanceOf(RefreshOutcome.Renewed.class);

        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        // the newer lease uses the token that it saw; its refusal ends nothing, because the stored token is newer
        provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));
        RefreshOutcome late = await(attempt.carryOut(taken, task("strict", System.nanoTime())));
        assertThat(late)
                .isInstanceOfSatisfying(
                        RefreshOutcome.Renewed.class,
                        renewed -> assertThat(renewed.credential().version()).isEqualTo(2));
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
    }

    // the other order: the newer lease was refused first; the user has to connect again, and does not see a
    // revocation
    @Test
    void zombieHearsThatTheGrantEndedElsewhere() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.error(400, "invalid_grant"));
        var zombie = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        expireLease(credential);
        RefreshLease taken = takeLease(credential);
        assertThat(await(refreshes.reject(taken, "rotation_lost"))).isTrue();

        hold.release();

        assertThat(zombie).succeedsWithin(LEASE).isEqualTo(new RefreshOutcome.Rejected("rotation_lost"));
    }

    // a valid token proves that the grant is alive: the refused token was its predecessor
    @Test
    void zombiesAnswerWithdrawsTheVerdict() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        var zombie = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        expireLease(credential);
        assertThat(await(refreshes.reject(takeLease(credential), "rotation_lost")))
                .isTrue();

        hold.release();

        assertThat(zombie).succeedsWithin(LEASE).isInstanceOf(RefreshOutcome.Renewed.class);
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(database.audit(credential.key().id())).contains("token_refreshed:read, alive after all");
    }

    // a refusal that came too late, while the next one is still asking: nothing is known yet
    @Test
    void zombiesRefusalSaysNothingWhileAnotherAsks() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.error(400, "invalid_grant"));
        var zombie = here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        hold.awaitArrival();
        expireLease(credential);
        takeLease(credential);

        hold.release();

        assertThat(zombie)
                .succeedsWithin(LEASE)
                .isEqualTo(new RefreshOutcome.Deferred("refresh_in_progress", Duration.ofSeconds(1)));
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(row(credential).refresh().leased()).isTrue();
    }

    // a pause between lease and request used up the lease
    @Test
    void requestThatCouldOutliveItsLeaseIsNotSent() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        long longAgo = System.nanoTime() - Duration.ofSeconds(31).toNanos();

        RefreshOutcome outcome = await(attempt.carryOut(lease, task("strict", longAgo)));

        assertThat(outcome).isEqualTo(new RefreshOutcome.Deferred("too_late", Duration.ofSeconds(1)));
        assertThat(provider.arrivals()).isZero();
        assertThat(row(credential).refresh().unresolved()).isZero();
        assertThat(row(credential).refresh().leased()).isFalse();
    }

    @Test
    void leaseThatCannotBeReleasedRunsOutByItself() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.rateLimited("60"));
        StrictProvider.Hold hold = provider.hold(user(credential), StrictProvider.status(500, "", ""));
        RefreshLease lease = takeLease(credential);
        database.breakWrites("oauth_credentials");

        assertThat(await(attempt.carryOut(lease, task("strict", System.nanoTime()))))
                .isEqualTo(new RefreshOutcome.Deferred("rate_limited", Duration.ofSeconds(60)));
        hold.release();
        assertThat(await(attempt.carryOut(lease, task("strict", System.nanoTime()))))
                .isInstanceOf(RefreshOutcome.Deferred.class);

        assertThat(row(credential).refresh().leased()).isTrue();
    }

    // the commit's answer was lost; the second try sees that it was its own
    @Test
    void answerIsStoredOnceThoughItIsStoredTwice() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        await(attempt.carryOut(lease, task("strict", System.nanoTime())));
        StoredCredential stored = row(credential);

        var again = await(refreshes.complete(
                lease.fence(),
                new io.nexus.oauth.credential.SealedGrant(
                        stored.accessToken(),
                        stored.refreshToken(),
                        "Bearer",
                        null,
                        stored.expiresAt(),
                        false,
                        stored.issuedAt(),
                        null,
                        java.util.Map.of(),
                        java.util.Map.of(),
                        null,
                        null,
                        null),
                "read"));

        assertThat(again).isEmpty();
        assertThat(await(refreshes.committed(lease.fence())).orElseThrow().version())
                .isEqualTo(2);
        assertThat(database.audit(credential.key().id()))
                .filteredOn(line -> line.startsWith("token_refreshed"))
                .hasSize(1);
    }

    // a forced refresh names a version, and each version is refreshed once
    @Test
    void aHundredForcedRefreshesOnTwoReplicasAreOne() {
        StoredCredential credential = connect("strict");

        List<RefreshOutcome> outcomes = await(Uni.join()
                .all(Stream.iterate(here, each -> each == here ? there : here)
                        .limit(100)
                        .map(each -> each.refresh(credential, RefreshTrigger.FORCED))
                        .toList())
                .andFailFast());

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome)
                        .isInstanceOfSatisfying(
                                RefreshOutcome.Renewed.class,
                                renewed -> assertThat(renewed.credential().version())
                                        .isEqualTo(2)));
    }

    @Test
    void tooManyWaitersAreSentAway() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        List<CompletableFuture<RefreshOutcome>> waiting = Stream.generate(
                        () -> here.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage())
                .limit(1000)
                .toList();
        hold.awaitArrival();

        assertThat(await(here.refresh(credential, RefreshTrigger.READ)))
                .isEqualTo(new RefreshOutcome.Deferred("too_many_waiters", Duration.ofSeconds(1)));

        hold.release();
        assertThat(waiting)
                .allSatisfy(each -> assertThat(each).succeedsWithin(LEASE).isInstanceOf(RefreshOutcome.Renewed.class));
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    // a suspended machine: the clock went on, and the time of the process did not
    @Test
    void requestIsNotSentAfterASuspendThatOutlivedItsLease() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);

        RefreshOutcome outcome = await(attempt.carryOut(
                lease, task("strict", System.nanoTime(), Instant.now().minus(Duration.ofSeconds(31)))));

        assertThat(outcome).isEqualTo(new RefreshOutcome.Deferred("too_late", Duration.ofSeconds(1)));
        assertThat(provider.arrivals()).isZero();
    }

    private RefreshLease takeLease(StoredCredential credential) {
        return await(refreshes.takeLease(credential, UUID.randomUUID(), "another replica", LEASE))
                .orElseThrow();
    }

    private void expireLease(StoredCredential credential) {
        database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '10 min'");
        Awaitility.await().until(() -> !row(credential).refresh().leased());
    }

    private RefreshTask task(String id, long leasedAt) {
        return task(id, leasedAt, Instant.now());
    }

    private RefreshTask task(String id, long leasedAt, Instant at) {
        OAuthProvider found = catalogue.get(id);
        return new RefreshTask(
                found,
                await(clients.get(io.nexus.oauth.credential.TenantId.DEFAULT, id)),
                new RefreshStart(RefreshTrigger.READ, leasedAt, at),
                permit());
    }
}
