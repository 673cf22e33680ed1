package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Waiting for the refresh of another replica. */
@QuarkusTest
class RefreshCompletionPollerIT extends TokenFixture {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final RefreshCompletionPoller.Pace NEVER = new RefreshCompletionPoller.Pace(HOUR, HOUR);
    private static final RefreshCompletionPoller.Pace USUAL =
            new RefreshCompletionPoller.Pace(Duration.ofMillis(50), Duration.ofSeconds(1));

    @Inject
    Vertx vertx;

    @Inject
    RefreshStore refreshes;

    @Inject
    ChangeFeed feed;

    @Inject
    CancellationShield shield;

    /** The number of rows that each statement read. */
    private final List<Integer> asked = new CopyOnWriteArrayList<>();

    private volatile Supplier<Uni<List<StoredCredential>>> instead;
    private RefreshCompletionPoller watch;

    @BeforeEach
    void startUsual() {
        instead = null;
        Awaitility.await().atMost(SOON).until(feed::isProven);
        start(USUAL);
    }

    @AfterEach
    void nobodyIsLeft() {
        Awaitility.await().until(() -> watch.size() == 0);
        int statements = asked.size();
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> asked.size() <= statements + 1);
    }

    private void start(RefreshCompletionPoller.Pace pace) {
        watch = new RefreshCompletionPoller(vertx, this::read, shield, pace);
    }

    private Uni<List<StoredCredential>> read(Collection<UUID> ids) {
        asked.add(ids.size());
        Supplier<Uni<List<StoredCredential>>> other = instead;
        return other == null ? refreshes.findAll(ids) : other.get();
    }

    @Test
    void fiveHundredWaitersShareFewStatements() {
        List<CredentialKey> keys = leased(500);

        List<CompletableFuture<String>> waiting = keys.stream().map(this::wait).toList();
        Awaitility.await()
                .atMost(SOON)
                .until(() -> asked.stream().filter(rows -> rows == 500).count() >= 4);
        System.out.println("500 waiters, statements asked for rows: " + asked);

        assertThat(asked).hasSizeLessThan(250);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        database.run("UPDATE oauth_credentials SET lease_until = NULL");
        assertThat(waiting)
                .allSatisfy(each -> assertThat(each).succeedsWithin(SOON).isEqualTo("free"));
    }

    @Test
    void moreThanAThousandAreReadInTurns() {
        List<CredentialKey> keys = leased(2_100);

        assertThat(await(refreshes.findAll(keys.stream().map(CredentialKey::id).toList())))
                .extracting(StoredCredential::key)
                .containsExactlyInAnyOrderElementsOf(keys);
    }

    @Test
    void notificationEndsAWaitLongBeforeItsPoll() {
        start(NEVER);
        feed.listen(watch);
        CredentialKey key = leased(1).getFirst();
        CompletableFuture<String> waiting = wait(key);
        Awaitility.await().until(() -> asked.size() == 1);

        database.run("UPDATE oauth_credentials SET lease_until = NULL");
        feed.publish(key.id());

        assertThat(waiting).succeedsWithin(SOON).isEqualTo("free");
        assertThat(asked).containsExactly(1, 1);
    }

    @Test
    void notificationOfOtherRowsAsksNothing() {
        start(NEVER);
        CompletableFuture<String> waiting = wait(leased(1).getFirst());
        Awaitility.await().until(() -> asked.size() == 1);

        watch.changed(UUID.randomUUID());

        Awaitility.await().during(Duration.ofMillis(200)).until(() -> asked.size() == 1);
        waiting.cancel(false);
    }

    @Test
    void lostNotificationCostsAPoll() {
        CompletableFuture<String> waiting = wait(leased(1).getFirst());
        Awaitility.await().until(() -> asked.size() >= 2);

        database.run("UPDATE oauth_credentials SET lease_until = NULL");

        assertThat(waiting).succeedsWithin(SOON).isEqualTo("free");
    }

    @Test
    void killedListenerCostsItsReconnect() {
        start(NEVER);
        feed.listen(watch);
        CompletableFuture<String> waiting = wait(leased(1).getFirst());
        Awaitility.await().until(() -> asked.size() == 1);

        database.run("UPDATE oauth_credentials SET lease_until = NULL");
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nexus-oauth'"
                + " AND (query LIKE 'LISTEN%' OR query LIKE '%pg_current_wal_flush_lsn%')");

        assertThat(waiting).succeedsWithin(SOON).isEqualTo("free");
    }

    @Test
    void deadlineIsTheLastWord() {
        start(NEVER);
        CredentialKey key = leased(1).getFirst();
        long start = System.nanoTime();

        CompletableFuture<String> waiting = wait(key, Duration.ofSeconds(3));

        assertThat(waiting).succeedsWithin(SOON).isEqualTo("too late");
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(2_990).toNanos());
    }

    @Test
    void databaseThatIsAwayEndsNoWait() {
        instead = () -> Uni.createFrom().failure(StorageException.of(new IllegalStateException("away")));
        CompletableFuture<String> waiting = wait(leased(1).getFirst());
        Awaitility.await().until(() -> asked.size() >= 3);
        assertThat(waiting).isNotDone();

        database.run("UPDATE oauth_credentials SET lease_until = NULL");
        instead = null;

        assertThat(waiting).succeedsWithin(SOON).isEqualTo("free");
    }

    @Test
    void rowThatWasNeverReadIsAFailureAtTheDeadline() {
        instead = () -> Uni.createFrom().failure(StorageException.of(new IllegalStateException("away")));

        CompletableFuture<String> waiting = wait(leased(1).getFirst(), Duration.ofMillis(300));

        assertThat(waiting).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(StorageException.class);
    }

    @Test
    void rowThatDoesNotExistIsToldSo() {
        assertThat(wait(new CredentialKey(TenantId.DEFAULT, UUID.randomUUID())))
                .succeedsWithin(SOON)
                .isEqualTo("gone");
    }

    @Test
    void rowOfAnotherTenantDoesNotExist() {
        CredentialKey key = leased(1).getFirst();

        assertThat(wait(new CredentialKey(new TenantId("other"), key.id())))
                .succeedsWithin(SOON)
                .isEqualTo("gone");
    }

    /** The statement started before the second caller lost its lease and began to wait. */
    @Test
    void whoComesLaterIsNotToldAnOlderAnswer() {
        start(NEVER);
        CredentialKey key = leased(1).getFirst();
        CompletableFuture<List<StoredCredential>> held = new CompletableFuture<>();
        instead = () -> Uni.createFrom().completionStage(held);
        CompletableFuture<String> early = wait(key);
        Awaitility.await().until(() -> asked.size() == 1);
        instead = null;

        CompletableFuture<String> late = wait(key);
        held.complete(List.of());

        assertThat(early).succeedsWithin(SOON).isEqualTo("gone");
        Awaitility.await().until(() -> asked.size() == 2);
        assertThat(late).isNotDone();
        database.run("UPDATE oauth_credentials SET lease_until = NULL");
        watch.changed(key.id());
        assertThat(late).succeedsWithin(SOON).isEqualTo("free");
    }

    @Test
    void verdictThatFailsIsAFailure() {
        CompletableFuture<String> waiting = watch.<String>watch(
                        leased(1).getFirst(), inTheFuture(HOUR), (now, last) -> {
                            throw new IllegalStateException("no");
                        })
                .subscribeAsCompletionStage();

        assertThat(waiting).failsWithin(SOON).withThrowableThat().withCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoLeavesWaitsNoMore() {
        CompletableFuture<String> waiting = wait(leased(1).getFirst());
        assertThat(watch.size()).isEqualTo(1);

        waiting.cancel(false);

        assertThat(watch.size()).isZero();
    }

    private CompletableFuture<String> wait(CredentialKey key) {
        return wait(key, HOUR);
    }

    private CompletableFuture<String> wait(CredentialKey key, Duration most) {
        return watch.watch(key, inTheFuture(most), RefreshCompletionPollerIT::verdict)
                .subscribeAsCompletionStage();
    }

    private static long inTheFuture(Duration most) {
        return System.nanoTime() + most.toNanos();
    }

    private static Optional<String> verdict(Optional<StoredCredential> now, boolean last) {
        if (now.isEmpty()) {
            return Optional.of("gone");
        }
        if (!now.get().refresh().leased()) {
            return Optional.of("free");
        }
        return last ? Optional.of("too late") : Optional.empty();
    }

    /** Credentials that another replica is refreshing. */
    private List<CredentialKey> leased(int count) {
        CredentialKey first = connect("strict").key();
        database.run("INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email,"
                + " encrypted_access_token, encrypted_refresh_token, token_type, scopes, expiry_assumed, issued_at,"
                + " metadata, quarantine_ms, created_by)"
                + " SELECT gen_random_uuid(), tenant_id, provider, 'u' || n, encrypted_access_token,"
                + " encrypted_refresh_token, token_type, scopes, expiry_assumed, issued_at, metadata, quarantine_ms,"
                + " created_by FROM oauth_credentials, generate_series(1, " + (count - 1) + ") AS n"
                + " WHERE credential_id = '" + first.id() + "'");
        database.run("UPDATE oauth_credentials SET lease_until = clock_timestamp() + interval '1 h'");
        catchUp();
        return database.all("SELECT credential_id::text FROM oauth_credentials").stream()
                .map(id -> new CredentialKey(TenantId.DEFAULT, UUID.fromString(id)))
                .toList();
    }
}
