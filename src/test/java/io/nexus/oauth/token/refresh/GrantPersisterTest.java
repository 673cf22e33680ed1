package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.Elsewhere;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.RevocationOutbox;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.journal.SpillJournal;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TcpFaultProxy;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.JournalReplays;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshStart;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.nexus.oauth.token.grant.UnpersistedGrants;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A token response between the provider's rotation and the database. */
@QuarkusTest
class GrantPersisterTest extends TokenFixture {

    @Inject
    RefreshStore refreshes;

    @Inject
    CredentialStore store;

    @Inject
    RevocationOutbox outbox;

    @Inject
    SpillJournal spill;

    @Inject
    GrantJournal journal;

    @Inject
    GrantPersister persister;

    @Inject
    TokenRefresher refresher;

    @Inject
    RefreshPreconditions guard;

    @Inject
    JournalReplays replay;

    @Inject
    InvalidGrantConfirmation confirmation;

    @Inject
    RejectionSurge surge;

    @Inject
    ChangeFeed feed;

    @Inject
    UnpersistedGrants unpersisted;

    @Inject
    Elsewhere elsewhere;

    @Inject
    GrantSealer sealer;

    @Inject
    SecretSealer secrets;

    @Inject
    GrantEvents events;

    @Inject
    CancellationShield shield;

    @Inject
    ProviderCatalogue catalogue;

    @Inject
    ClientRegistrations clients;

    @Test
    void revocationBeforeTheRequestIsNoticedWhileTheDatabaseIsAway() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = await(
                        refreshes.takeLease(credential, UUID.randomUUID(), refresher.owner(), Duration.ofSeconds(75)))
                .orElseThrow();
        TokenRefresher.PreparedRefresh prepared =
                await(refresher.prepare(lease, refresher.start(), limiters.reserve("strict", 1)));
        unpersisted.changed(credential.key().id()); // as when another replica tells of a revocation
        database.breakTokens();

        CompletableFuture<RefreshOutcome> outcome =
                prepared.start().subscribeAsCompletionStage().toCompletableFuture();

        Awaitility.await().until(() -> left(credential));
        Awaitility.await().during(Duration.ofMillis(500)).until(() -> !outcome.isDone());
        assertThat(unpersisted.find(credential.account())).isEmpty();
        database.heal("oauth_credentials");
        assertThat(outcome.join()).isInstanceOf(RefreshOutcome.Renewed.class);
    }

    @Test
    void answerIsHandedOutFromDiskWhileTheDatabaseIsAway() {
        StoredCredential credential = expired("strict");
        database.breakTokens();

        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
        assertThat(row(credential).version()).isEqualTo(1);
        assertThat(left(credential)).isTrue();

        database.heal("oauth_credentials");
        Awaitility.await().until(() -> row(credential).version() == 2 && !left(credential));
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    /** After a failover the other replicas wait for these responses. */
    @Test
    void responsesThatMayStillComeAreExpected() {
        StoredCredential credential = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(credential));
        int before = replay.expectedResponses(); // of earlier tests, whose quarantine is not over
        var asked = CompletableFuture.supplyAsync(() -> get(credential));
        hold.awaitArrival();
        assertThat(replay.expectedResponses()).isEqualTo(before + 1);

        hold.release();
        assertThat(asked).succeedsWithin(Duration.ofSeconds(30));
        Awaitility.await().until(() -> replay.expectedResponses() <= before);

        StoredCredential lost = expired("strict");
        provider.next(user(lost), StrictProvider.cut());
        unavailable(lost);
        assertThat(replay.expectedResponses()).as("an unknown outcome").isEqualTo(before + 1);
    }

    /** Its commit may have gone to a copy of the database that is no more. */
    @Test
    void aReplayOfEverythingStoresAlsoWhatIsBeingStored() throws SQLException {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        try (Connection other = dataSource.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT 1 FROM oauth_credentials WHERE credential_id = '"
                    + credential.key().id() + "' FOR UPDATE");
            var stored = persister
                    .persist(
                            lease,
                            sealed(lease),
                            new RefreshStart(RefreshTrigger.DUE, System.nanoTime(), Instant.now()))
                    .subscribeAsCompletionStage();
            Awaitility.await().until(() -> journal.newest(credential.key()).isPresent());

            var replayed = persister
                    .replay(journal.newest(credential.key()).orElseThrow())
                    .subscribeAsCompletionStage();

            assertThat(replayed).as("waits for the row's lock").isNotDone();
            other.rollback();
            assertThat(replayed).succeedsWithin(Duration.ofSeconds(30));
            assertThat(stored).succeedsWithin(Duration.ofSeconds(30)).isInstanceOf(RefreshOutcome.Renewed.class);
        }
        assertThat(row(credential).version()).isEqualTo(2);
        Awaitility.await().until(() -> !left(credential));
    }

    @Test
    void answerOfAKilledProcessIsStored() {
        StoredCredential credential = expired("strict");
        leave(takeLease(credential), "a2", "r2");
        assertThat(row(credential).version()).isEqualTo(1);

        replay.regularly();

        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(refreshToken(credential)).isEqualTo("r2");
        assertThat(get(credential).value().reveal()).isEqualTo("a2");
        assertThat(database.audit(credential.key().id())).containsExactly("credential_created", "token_refreshed:due");
        Awaitility.await().until(() -> !left(credential));
    }

    /** A database that failed over may hold the row from before the account was connected at another host. */
    @Test
    void answerBringsTheVariablesThatItIsSealedWith() {
        Map<String, String> vars = Map.of("host", "here.example");
        AccountKey account = account("strict", someone());
        StrictProvider.Tokens granted = provider.grant(account.user());
        StoredCredential credential = store(
                account, grant(granted.access(), granted.refresh(), HOUR).withClient(StrictProvider.CLIENT, vars));
        leave(takeLease(credential), "a2", "r2");
        database.set(credential.key().id(), "client_vars = '{}'");

        replay.regularly();

        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(row(credential).clientVars()).isEqualTo(vars);
        assertThat(refreshToken(credential)).isEqualTo("r2");
    }

    @Test
    void replayNeverReplacesANewerAnswer() {
        StoredCredential credential = expired("strict");
        RefreshLease old = takeLease(credential);
        database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '10 min'");
        get(credential);
        assertThat(row(credential).version()).isEqualTo(2);
        leave(old, "late", "late refresh");

        replay.regularly();

        Awaitility.await().until(() -> !left(credential));
        assertThat(row(credential).version()).isEqualTo(2);
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
    }

    @Test
    void replayStoresTheNewestAnswerOfACredentialFirst() {
        List<StoredCredential> all =
                IntStream.range(0, 8).mapToObj(i -> expired("strict")).toList();
        for (StoredCredential credential : all) {
            leave(takeLease(credential), "a2", "r2");
            database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '10 min'");
            leave(takeLease(credential), "a3", "r3");
        }

        replay.regularly();

        Awaitility.await().until(() -> all.stream().noneMatch(this::left));
        for (StoredCredential credential : all) {
            assertThat(refreshToken(credential)).isEqualTo("r3");
            assertThat(row(credential).version())
                    .as("the older one was never stored")
                    .isEqualTo(2);
        }
    }

    @Test
    void recordThatTheDatabaseRejectsStopsNoOther() {
        StoredCredential bad = expired("strict");
        StoredCredential good = expired("strict");
        leave(takeLease(good), "a2", "r2");
        leave(takeLease(bad), "a2", "r2");
        database.run("ALTER TABLE oauth_credentials ADD CONSTRAINT never CHECK (credential_id <> '"
                + bad.key().id() + "' OR token_version < 2)");
        try {
            replay.regularly();

            Awaitility.await().until(() -> row(good).version() == 2 && !left(good));
            assertThat(left(bad)).isTrue();
        } finally {
            database.run("ALTER TABLE oauth_credentials DROP CONSTRAINT never");
        }
        replay.regularly();
        Awaitility.await().until(() -> !left(bad));
    }

    @Test
    void answerOfAKilledProcessDiesWithItsRevokedGrant() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        provider.nextRevocation(user(credential), StrictProvider.status(200, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));
        leave(lease, "a2", "r2");

        replay.regularly();

        Awaitility.await().until(() -> !left(credential));
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.REVOKED);
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isEqualTo(1);
        assertThat(database.one("SELECT client_vars FROM revocation_outbox")).isEqualTo("{}");
        // and no second time
        replay.missed();
        Awaitility.await().until(() -> spill.status().replayed());
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isEqualTo(1);
    }

    // a failover to a standby that lagged behind: the provider has rotated, the database does not know
    @Test
    void databaseThatForgotACommitIsToldAgain() {
        StoredCredential credential = expired("strict");
        Runnable failover = rememberState(credential);
        get(credential);
        Awaitility.await().until(() -> !left(credential));
        failover.run();

        replay.missed();

        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(refreshToken(credential))
                .isEqualTo(provider.current(user(credential)).refresh());
        // and the next answer passes the fence
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '1 h', expires_at = clock_timestamp(), last_refreshed_at = NULL");
        assertThat(get(credential).version()).isEqualTo(3);
    }

    // the same, and a caller asks before the replay
    @Test
    void tokenThatIsKnownToBeSpentIsNotSpentAgain() {
        StoredCredential credential = expired("strict");
        Runnable failover = rememberState(credential);
        get(credential);
        Awaitility.await().until(() -> !left(credential));
        failover.run();

        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(provider.isDead(user(credential))).isFalse();
        assertThat(row(credential).refresh().leased()).isFalse();
        assertThat(row(credential).refresh().unresolved()).isZero();
    }

    /** Copies the row; the result restores it. */
    private Runnable rememberState(StoredCredential credential) {
        UUID id = credential.key().id();
        String access = database.get(id, "encrypted_access_token");
        String refresh = database.get(id, "encrypted_refresh_token");
        return () -> database.set(
                id,
                "encrypted_access_token = '" + access + "', encrypted_refresh_token = '" + refresh
                        + "', token_version = 1, token_epoch = 0, last_attempt = NULL, lease_epoch = 0,"
                        + " last_refreshed_at = NULL, issued_at = clock_timestamp() - interval '2 h',"
                        + " expires_at = clock_timestamp() - interval '1 h'");
    }

    // the refused token was spent by an attempt of this machine, which has its successor
    @Test
    void refusedGrantIsRescuedByTheJournal() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        leave(lease, "a2", "r2");
        database.set(credential.key().id(), "lease_until = clock_timestamp() - interval '10 min'");
        provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));

        assertThat(get(credential).value().reveal()).isEqualTo("a2");

        assertThat(row(credential).refresh().suspectedAt()).isNull();
        assertThat(refreshToken(credential)).isEqualTo("r2");
    }

    @Test
    void rotatingProviderIsNotAskedWhileNoAnswerCouldBeKept() {
        StoredCredential rotating = expired("strict");
        StoredCredential steady = expired("steady");
        GrantJournal unwritable = new GrantJournal(spill, secrets) {
            @Override
            public boolean isWritable() {
                return false;
            }
        };
        RefreshAttempt attempt = new RefreshAttempt(
                refreshes,
                sealer,
                journal,
                persister,
                confirmation,
                surge,
                new RefreshPreconditions(unwritable, persister, feed, sealer, shield),
                events);

        assertThat(await(attempt.carryOut(takeLease(rotating), task("strict"))))
                .isEqualTo(new RefreshOutcome.Deferred("journal_unavailable", Duration.ofSeconds(1)));
        assertThat(await(attempt.carryOut(takeLease(steady), task("steady"))))
                .isInstanceOf(RefreshOutcome.Renewed.class);

        assertThat(provider.calls(user(rotating))).isEmpty();
        assertThat(row(rotating).refresh().leased()).isFalse();
        assertThat(row(rotating).refresh().unresolved()).isZero();
    }

    @Test
    void nobodyIsAskedWhileAnswersComeFasterThanTheyAreStored() {
        List<StoredCredential> waiting =
                IntStream.range(0, 16).mapToObj(i -> expired("strict")).toList();
        StoredCredential next = expired("steady");
        database.breakTokens();
        waiting.subList(1, 16).forEach(this::get);
        assertThat(waiting).noneMatch(each -> row(each).version() > 1);
        Awaitility.await()
                .during(Duration.ofMillis(1_500))
                .until(() -> guard.refusal(catalogue.get("steady")).isEmpty());

        get(waiting.getFirst());

        Awaitility.await().until(() -> guard.refusal(catalogue.get("steady")).isPresent());
        assertThat(guard.refusal(catalogue.get("steady"))).contains("storage_behind");
        assertThat(failure(next)).hasMessageContaining("storage_behind");
        assertThat(provider.calls(user(next))).isEmpty();

        database.heal("oauth_credentials");
        Awaitility.await().until(() -> guard.refusal(catalogue.get("steady")).isEmpty());
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(waiting).allMatch(each -> row(each).version() == 2));
        assertThat(get(next).value().reveal()).isNotEmpty();
    }

    /** The fence has rejected the response; until the reason is known, the grant may have been revoked. */
    @Test
    void refusedAnswerIsGivenToNobodyWhileTheDatabaseCannotSayWhy() throws IOException {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        await(tokens.revokeCredential(credential.key(), "bob"));
        try (TcpFaultProxy network = new TcpFaultProxy(elsewhere.port());
                Elsewhere.Way away = elsewhere.to(network.port(), Duration.ofSeconds(5))) {
            GrantPersister kept = new GrantPersister(
                    refreshes,
                    away.credentials(),
                    outbox,
                    journal,
                    unpersisted,
                    events,
                    shield,
                    RefreshSettings.with(Map.of()));
            network.mode(TcpFaultProxy.Mode.REFUSE);
            catchUp();
            var unused = unpersisted.expect(lease);
            unpersisted.hold(
                    lease, lease.credential().with(sealed(lease))); // as after a first try of which nothing was heard

            CompletableFuture<RefreshOutcome> outcome =
                    kept.persist(lease, sealed(lease), task("strict").start()).subscribeAsCompletionStage();

            Awaitility.await().during(Duration.ofSeconds(1)).until(() -> !outcome.isDone());
            assertThat(unpersisted.get(credential.key())).isEmpty();
            network.mode(TcpFaultProxy.Mode.PASS);
            assertThat(outcome).succeedsWithin(Duration.ofSeconds(30)).isInstanceOf(RefreshOutcome.Gone.class);
        }
        // the former tokens were revoked at once; these wait for their turn
        Awaitility.await().until(() -> database.count("SELECT count(*) FROM revocation_outbox") == 1);
    }

    @Test
    void answerThatCannotBeStoredForLongIsLeftToTheJournal() {
        StoredCredential credential = expired("strict");
        RefreshLease lease = takeLease(credential);
        database.breakTokens();
        GrantPersister impatient = new GrantPersister(
                refreshes,
                store,
                outbox,
                journal,
                unpersisted,
                events,
                shield,
                RefreshSettings.with(Map.of("persist-for", "300ms")));
        var unused = impatient.expect(lease);

        CompletableFuture<RefreshOutcome> outcome =
                impatient.persist(lease, sealed(lease), task("strict").start()).subscribeAsCompletionStage();

        assertThat(outcome).succeedsWithin(Duration.ofSeconds(20)).isInstanceOf(RefreshOutcome.Renewed.class);
        Awaitility.await().until(() -> impatient.isIdle());
        assertThat(left(credential)).isTrue();
        assertThat(row(credential).version()).isEqualTo(1);
        database.heal("oauth_credentials");
        replay.regularly();
        Awaitility.await().until(() -> row(credential).version() == 2);
    }

    @Test
    void journalledTokensBornAcrossARevocationAreRevokedAsTheirOldClient() {
        StoredCredential credential = expired("strict");
        provider.nextRevocation(user(credential), StrictProvider.status(200, "", ""));
        leave(takeLease(credential), "a2", "r2");
        await(tokens.revokeCredential(credential.key(), "bob"));
        store(credential.account(), grant("newer", "newer refresh", HOUR).withClient("another", Map.of()));

        replay.regularly();

        Awaitility.await().until(() -> !left(credential));
        assertThat(database.all("SELECT client_id FROM revocation_outbox")).containsExactly(StrictProvider.CLIENT);
        assertThat(refreshToken(credential)).isEqualTo("newer refresh");
    }

    private boolean left(StoredCredential credential) {
        return journal.unsettled().stream().anyMatch(each -> each.fence().key().equals(credential.key()));
    }

    private RefreshLease takeLease(StoredCredential credential) {
        return await(refreshes.takeLease(credential, UUID.randomUUID(), "killed", Duration.ofSeconds(75)))
                .orElseThrow();
    }

    /** The state after a process was killed with its response in the journal. */
    private void leave(RefreshLease lease, String access, String refresh) {
        boolean safe = await(journal.append(
                lease,
                sealer.seal(
                        lease,
                        response(access, refresh),
                        Instant.now(),
                        catalogue.get("strict").timers()),
                RefreshTrigger.DUE));
        assertThat(safe).isTrue();
    }

    private SealedGrant sealed(RefreshLease lease) {
        return sealer.seal(
                lease,
                response("a2", "r2"),
                Instant.now(),
                catalogue.get("strict").timers());
    }

    private static TokenResponse response(String access, String refresh) {
        return new TokenResponse(
                Secret.of(access),
                Secret.of(refresh),
                "Bearer",
                Instant.now().plusSeconds(3600),
                false,
                null,
                null,
                null,
                Map.of(),
                null);
    }

    private RefreshTask task(String id) {
        return new RefreshTask(
                catalogue.get(id),
                await(clients.get(io.nexus.oauth.credential.TenantId.DEFAULT, id)),
                new RefreshStart(RefreshTrigger.READ, System.nanoTime(), Instant.now()),
                permit());
    }
}
