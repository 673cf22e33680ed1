package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.Elsewhere;
import io.nexus.oauth.testing.TcpFaultProxy;
import io.nexus.oauth.testing.TcpFaultProxy.Mode;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases whose database answer is lost: only the row shows whether they hold. */
@QuarkusTest
class LostLeaseAnswerIT extends TokenFixture {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject
    Elsewhere elsewhere;

    @Inject
    Replicas replicas;

    private TcpFaultProxy network;
    private Elsewhere.Way way;
    private TokenRefresher refresher;

    @BeforeEach
    void open() {
        network = new TcpFaultProxy(elsewhere.port());
        way = elsewhere.to(network.port(), Duration.ofSeconds(6));
        refresher = replicas.refresher(way.refreshes());
        assertThat(await(way.refreshes().leaseOf(key(connect("strict")), UUID.randomUUID())))
                .isEmpty();
    }

    @AfterEach
    void close() {
        way.close();
        network.close();
    }

    @Test
    void leaseWhoseAnswerWasLostIsCarriedOut() throws Exception {
        StoredCredential credential = expired("strict");
        CompletableFuture<RefreshOutcome> outcome;
        try (Connection lock = dataSource.getConnection()) {
            lock.setAutoCommit(false);
            lock.createStatement().execute("SELECT * FROM oauth_credentials FOR UPDATE");
            outcome = refresher.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
            Awaitility.await().until(() -> waitsForALock() == 1);
            network.mode(Mode.BLACKHOLE);
            lock.rollback();
        }
        Awaitility.await().until(() -> database.get(credential.key().id(), "lease_attempt") != null);
        network.mode(Mode.PASS);

        assertThat(outcome).succeedsWithin(SOON).isInstanceOf(RefreshOutcome.Renewed.class);

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.get(credential.key().id(), "lease_epoch")).isEqualTo("1");
        assertThat(row(credential).refresh().unresolved()).isZero();
        assertThat(row(credential).refresh().leased()).isFalse();
    }

    @Test
    void leaseThatNeverArrivedIsNeitherCarriedOutNorRepeated() {
        StoredCredential credential = expired("strict");
        network.mode(Mode.BLACKHOLE);
        CompletableFuture<RefreshOutcome> outcome =
                refresher.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();
        Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        network.mode(Mode.PASS);

        assertThat(outcome).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(StorageException.class);

        assertThat(provider.arrivals()).isZero();
        assertThat(database.get(credential.key().id(), "lease_epoch")).isEqualTo("0");
    }

    @Test
    void leaseThatWasRefusedIsNotLookedFor() {
        StoredCredential credential = expired("strict");
        database.breakWrites("oauth_credentials");
        CompletableFuture<RefreshOutcome> outcome =
                refresher.refresh(credential, RefreshTrigger.READ).subscribeAsCompletionStage();

        assertThat(outcome).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(StorageException.class);
        assertThat(provider.arrivals()).isZero();
    }

    private long waitsForALock() {
        return database.count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'elsewhere'"
                + " AND wait_event_type = 'Lock'");
    }
}
