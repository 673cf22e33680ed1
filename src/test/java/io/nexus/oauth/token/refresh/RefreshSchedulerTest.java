package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientLimiters;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** One tick of the schedule. */
@QuarkusTest
class RefreshSchedulerTest extends TokenFixture {

    @Inject
    RefreshPreconditions guard;

    @Inject
    RefreshScheduler scheduler;

    @Inject
    RefreshStore refreshes;

    @Inject
    TokenRefresher refresher;

    @Inject
    CancellationShield shield;

    @Inject
    ClientRegistrations clients;

    @Inject
    Vertx vertx;

    @Inject
    RefreshConfig config;

    @Inject
    BacklogReader backlog;

    @Inject
    SchedulerWatchdog watch;

    @Inject
    Replicas replicas;

    @Inject
    ProviderCatalogue catalogue;

    @Inject
    Event<Reading> readings;

    @Test
    void refreshesABatchSideBySide() {
        List<StoredCredential> expired =
                IntStream.range(0, 20).mapToObj(i -> expired("strict")).toList();
        provider.delay(Duration.ofMillis(200));
        long start = System.nanoTime();

        await(scheduler.tick());
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> database.count("SELECT count(*) FROM oauth_credentials WHERE token_version = 2") == 20);

        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.println("20 credentials by the schedule, 200 ms each at the provider: " + took + " ms");
        assertThat(RefreshTest.mostAtOnce(provider.calls())).isGreaterThan(1);
        assertThat(expired).allSatisfy(credential -> {
            assertThat(provider.calls(user(credential))).hasSize(1);
            assertThat(get(credential).value().reveal())
                    .isEqualTo(provider.current(user(credential)).access());
            assertThat(database.audit(credential.key().id())).contains("token_refreshed:due");
        });
    }

    @Test
    void leavesAloneWhatIsNotDue() {
        StoredCredential fresh = connect("strict");
        StoredCredential ended = expired("strict");
        database.set(ended.key().id(), "status = 'reauth_required'");
        StoredCredential withoutRefreshToken = expired("strict");
        database.set(withoutRefreshToken.key().id(), "encrypted_refresh_token = NULL");
        StoredCredential due = expired("strict");

        await(scheduler.tick());
        Awaitility.await().until(() -> row(due).version() == 2);

        assertThat(provider.arrivals()).isEqualTo(1);
        assertThat(row(fresh).version()).isEqualTo(1);
        assertThat(row(ended).status()).isEqualTo(CredentialStatus.REAUTHORIZATION_REQUIRED);
    }

    @Test
    void goesOnWithoutATickWhenItsSlotsAreFree() {
        RefreshScheduler two = scheduler(2, true);
        List<StoredCredential> expired =
                IntStream.range(0, 5).mapToObj(i -> expired("strict")).toList();
        provider.delay(Duration.ofMillis(50));

        await(two.tick());

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(expired)
                        .allSatisfy(credential ->
                                assertThat(row(credential).version()).isEqualTo(2)));
        assertThat(provider.arrivals()).isEqualTo(5);
    }

    @Test
    void asksAProviderNoMoreThanItsSlots() {
        RefreshScheduler one = scheduler(1, true);
        StoredCredential first = expired("strict");
        database.set(first.key().id(), "next_refresh_at = next_refresh_at - interval '1 h'");
        StoredCredential second = expired("strict");
        StrictProvider.Hold hold = provider.hold(user(first));

        await(one.tick());
        hold.awaitArrival();
        await(one.tick());

        assertThat(row(second).refresh().leased()).isFalse();
        hold.release();
        Awaitility.await().until(() -> row(second).version() == 2);
    }

    @Test
    void slowProviderDelaysNobodyElse() {
        RefreshScheduler one = scheduler(1, true);
        StoredCredential slow = expired("strict");
        StoredCredential other = expired("steady");
        StrictProvider.Hold hold = provider.hold(user(slow));

        await(one.tick());
        hold.awaitArrival();

        Awaitility.await().until(() -> row(other).version() == 2);
        assertThat(row(slow).version()).isEqualTo(1);
        hold.release();
        Awaitility.await().until(() -> row(slow).version() == 2);
    }

    @Test
    void doesNothingWhenSwitchedOff() {
        StoredCredential credential = expired("strict");

        await(scheduler(32, false).tick());

        assertThat(row(credential).refresh().leased()).isFalse();
        assertThat(provider.arrivals()).isZero();
    }

    // a failed refresh must not be due again at once, or freed slots would ask the provider without a pause
    @Test
    void refusingProviderIsNotAskedInALoop() {
        StoredCredential credential = expired("strict");
        for (int i = 0; i < 100; i++) {
            provider.next(user(credential), StrictProvider.rateLimited("0"));
        }

        await(scheduler.tick());

        Awaitility.await().until(() -> provider.calls().size() == 1);
        Awaitility.await()
                .during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(60))
                .until(() -> provider.arrivals() == 1);
    }

    @Test
    void tokensThatDieAtOnceAreNotRefreshedInALoop() {
        StoredCredential credential = expired("strict");
        provider.expiresIn("0");

        await(scheduler.tick());

        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(row(credential).refresh().nextAt())
                .isCloseTo(Instant.now().plusSeconds(30), within(10, ChronoUnit.SECONDS));
        assertThat(provider.arrivals()).isEqualTo(1);
    }

    @Test
    void leaseIsGivenBackWhenTheClientIsWrong() {
        StoredCredential credential = expired("strict");
        database.set(credential.key().id(), "client_id = 'the one before'");

        await(scheduler.tick());

        Awaitility.await()
                .until(() -> "client_changed".equals(row(credential).refresh().lastError()));
        assertReleased(credential);
    }

    @Test
    void leaseIsGivenBackWhenTheClientSecretIsGone() throws IOException {
        StoredCredential credential = expired("steady");
        Files.delete(StrictProviderResource.secretFile());

        await(scheduler.tick());

        Awaitility.await()
                .until(() -> "client_secret_unreadable"
                        .equals(row(credential).refresh().lastError()));
        assertReleased(credential);
    }

    @Test
    void leaseIsGivenBackWhenTheProviderIsUnknown() {
        StoredCredential credential = expired("strict");
        database.set(credential.key().id(), "provider = 'dropped'");
        StoredCredential dropped = row(credential);
        var lease = await(refreshes.takeLease(
                        dropped, java.util.UUID.randomUUID(), refresher.owner(), Duration.ofSeconds(75)))
                .orElseThrow();

        assertThat(await(refresher
                        .prepare(lease, refresher.start(), limiters.reserve("strict", 1))
                        .chain(TokenRefresher.PreparedRefresh::start)))
                .isEqualTo(new RefreshOutcome.Misconfigured("unknown_provider"));
        assertReleased(credential);
    }

    @Test
    void unreadableCredentialDoesNotStopTheOthers() {
        StoredCredential broken = expired("strict");
        StoredCredential well = expired("strict");
        database.set(
                broken.key().id(),
                "encrypted_refresh_token = '" + well.refreshToken().text() + "'");

        await(scheduler.tick());

        Awaitility.await().until(() -> row(well).version() == 2);
        Awaitility.await().until(() -> "unreadable".equals(row(broken).refresh().lastError()));
        assertThat(provider.isDead(user(well))).isFalse();
    }

    @Test
    void survivesADatabaseThatCannotBeWritten() {
        StoredCredential credential = expired("strict");
        database.breakWrites("oauth_credentials");

        await(scheduler.tick());

        assertThat(provider.arrivals()).isZero();
        database.heal("oauth_credentials");
        await(scheduler.tick());
        Awaitility.await().until(() -> row(credential).version() == 2);
    }

    /** One silent provider gets half of the places that are left, whenever it asks. */
    @Test
    void providerThatNeverAnswersLeavesPlacesForAnother() {
        ProviderClients clients = replicas.clients(RefreshSettings.with(Map.of("concurrency", "1000")));
        RefreshScheduler own = scheduler(clients, replicas.refresher(clients, config, shield));
        prove(clients, connect("strict"), 250);
        CountDownLatch silence = new CountDownLatch(1);
        List<StoredCredential> silent = IntStream.range(0, 200)
                .mapToObj(i -> silent(expired("strict"), silence))
                .toList();
        database.run("UPDATE oauth_credentials SET next_refresh_at = next_refresh_at - interval '1 h'"
                + " WHERE provider = 'strict' AND expires_at < now()");

        try {
            for (long leased : List.of(96, 144, 168)) {
                StoredCredential other = expired("steady");
                await(own.sweep());
                Awaitility.await().until(() -> row(other).version() == 2);
                assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE lease_until IS NOT NULL"))
                        .isEqualTo(leased);
                Awaitility.await().until(() -> own.inFlight() == leased);
            }
        } finally {
            silence.countDown();
        }
        Awaitility.await()
                .untilAsserted(() -> assertThat(silent)
                        .allSatisfy(credential ->
                                assertThat(row(credential).version()).isEqualTo(2)));
        Awaitility.await().until(() -> own.inFlight() == 0);
    }

    /** Teaches the limiter of {@code credential}'s client that the provider bears {@code most} requests at once. */
    private static void prove(ProviderClients clients, StoredCredential credential, int most) {
        ClientRegistration client = await(clients.of(credential));
        ClientLimiter limiter = await(clients.limiter(credential.key().tenant(), client));
        List<ClientLimiter.Permit> taken = new ArrayList<>();
        while (taken.size() < most) {
            taken.addAll(limiter.reserve(most));
            taken.getLast().record(new TokenReply.Rejected("invalid_grant"), credential.key(), true, client);
        }
        taken.forEach(ClientLimiter.Permit::close);
    }

    private StoredCredential silent(StoredCredential credential, CountDownLatch silence) {
        provider.next(user(credential), exchange -> {
            try {
                assertThat(silence.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            provider.spend().answer(exchange);
        });
        return credential;
    }

    /** A place, a slot or a provider that is lost with each failure would end the schedule after some hundred. */
    @Test
    void refreshThatCannotBePreparedLeavesNothingBehind() {
        ClientLimiters limits = new ClientLimiters(clients, config, readings);
        AtomicBoolean broken = new AtomicBoolean(true);
        ProviderClients breaking = new ProviderClients(catalogue, clients, limits) {
            @Override
            public Optional<OAuthProvider> find(String provider) {
                if (broken.get()) {
                    throw new IllegalStateException("broken");
                }
                return super.find(provider);
            }

            @Override
            public OAuthProvider get(String provider) {
                return find(provider).orElseThrow();
            }
        };
        RefreshScheduler own = scheduler(
                new ProviderClients(catalogue, clients, limits), replicas.refresher(breaking, config, shield));
        StoredCredential due = expired("strict");

        await(own.sweep());

        Awaitility.await().until(() -> own.inFlight() == 0);
        Awaitility.await()
                .until(() -> "client_unreadable".equals(row(due).refresh().lastError()));
        assertReleased(due);
        broken.set(false);
        StoredCredential next = expired("strict");
        await(own.sweep());
        Awaitility.await().until(() -> row(next).version() == 2);
        Awaitility.await().until(() -> own.inFlight() == 0);
    }

    @Test
    void refresherThatThrowsLeavesNothingBehind() {
        assertNothingIsLeftBehindBy(() -> {
            throw new IllegalStateException("broken");
        });
    }

    @Test
    void refresherThatFailsLeavesNothingBehind() {
        assertNothingIsLeftBehindBy(() -> Uni.createFrom().failure(new IllegalStateException("broken")));
    }

    private void assertNothingIsLeftBehindBy(Supplier<Uni<TokenRefresher.PreparedRefresh>> failure) {
        ProviderClients own = replicas.clients(config);
        RefreshScheduler broken = scheduler(own, replicas.refresher(own, failure));
        StoredCredential due = expired("strict");
        ClientLimiter limiter =
                await(own.of(due).chain(client -> own.limiter(due.key().tenant(), client)));

        await(broken.sweep());

        assertThat(row(due).refresh().leased()).isTrue();
        assertThat(broken.inFlight()).isZero();
        assertThat(limiter.reserve(100)).hasSize(ClientLimiter.UNPROVEN_LIMIT);
    }

    private void assertReleased(StoredCredential credential) {
        StoredCredential now = row(credential);
        assertThat(now.status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(now.refresh().leased()).isFalse();
        assertThat(now.refresh().unresolved()).isZero();
        assertThat(now.refresh().failures()).isZero();
        assertThat(now.refresh().nextAt()).isAfter(Instant.now().plusSeconds(30));
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void leaseThatIsUnderWayIsCarriedOutBeforeTheProcessEnds() throws Exception {
        CancellationShield ending = new CancellationShield(vertx);
        RefreshScheduler own = scheduler(8, true, ending);
        StoredCredential due = expired("strict");
        provider.delay(Duration.ofMillis(300));
        CompletableFuture<Void> end;

        try (Connection lock = dataSource.getConnection();
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("LOCK TABLE oauth_credentials IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Void> tick = own.tick().subscribeAsCompletionStage();
            Awaitility.await()
                    .until(() -> database.count("SELECT count(*) FROM pg_locks"
                                    + " WHERE NOT granted AND relation = 'oauth_credentials'::regclass")
                            > 0);
            assertThat(tick).isNotDone();
            end = CompletableFuture.runAsync(() -> drain(ending));
            Awaitility.await().until(ending::isStopping);
            lock.rollback();
        }
        end.get(60, TimeUnit.SECONDS);

        assertThat(row(due).version()).isEqualTo(2);
        assertThat(provider.calls(user(due))).hasSize(1);
    }

    private static void drain(CancellationShield ending) {
        try {
            ending.drain(new ShutdownEvent());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private RefreshScheduler scheduler(int concurrency, boolean enabled) {
        return scheduler(concurrency, enabled, shield);
    }

    private RefreshScheduler scheduler(int concurrency, boolean enabled, CancellationShield shield) {
        RefreshConfig settings = RefreshSettings.with(
                Map.of("concurrency", Integer.toString(concurrency), "enabled", Boolean.toString(enabled)));
        ProviderClients own = replicas.clients(settings);
        TokenRefresher refresher = replicas.refresher(own, settings, shield);
        return new RefreshScheduler(refreshes, own, refresher, guard, shield, settings, backlog, watch);
    }

    private RefreshScheduler scheduler(ProviderClients clients, TokenRefresher refresher) {
        return new RefreshScheduler(refreshes, clients, refresher, guard, shield, config, backlog, watch);
    }
}
