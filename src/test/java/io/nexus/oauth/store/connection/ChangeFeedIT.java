package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.TcpFaultProxy;
import io.nexus.oauth.testing.TcpFaultProxy.Mode;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas that tell each other; one of them behind a network that breaks. */
@QuarkusTest
class ChangeFeedIT {

    private static final String NAME = "feed-test";
    private static final Duration SOON = Duration.ofSeconds(20);

    /** The notifications that a replica received. */
    private static final class Ears implements ChangeFeed.Listener {
        final List<UUID> heard = new CopyOnWriteArrayList<>();
        final AtomicInteger missed = new AtomicInteger();

        @Override
        public void changed(UUID id) {
            heard.add(id);
        }

        @Override
        public void missed() {
            missed.incrementAndGet();
        }
    }

    @Inject
    Vertx vertx;

    @Inject
    BoundedPool bounded;

    @Inject
    ChangeFeed other;

    @Inject
    AgroalDataSource dataSource;

    private final Ears ears = new Ears();
    private TestDatabase behind;
    private TcpFaultProxy network;
    private ChangeFeed feed;
    private volatile PgConnectOptions used;

    @BeforeEach
    void open() {
        Awaitility.await().atMost(SOON).until(other::isProven);
        behind = new TestDatabase(dataSource);
        network = new TcpFaultProxy(bounded.connectOptions().getPort());
        feed = new ChangeFeed(vertx, this::options);
        feed.listen(ears);
    }

    private PgConnectOptions options() {
        PgConnectOptions options = bounded.connectOptions().setHost("127.0.0.1").setPort(network.port());
        options.addProperty("application_name", NAME);
        used = options;
        return options;
    }

    @AfterEach
    void close() {
        feed.stop(new ShutdownEvent());
        network.close();
    }

    @Test
    void hearsWhatAnotherReplicaTells() {
        startProven();
        UUID id = UUID.randomUUID();

        other.publish(id);

        awaitHeard(id);
    }

    @Test
    void staysConnectedWhileNothingHappens() {
        startProven();

        Awaitility.await()
                .during(Duration.ofSeconds(8))
                .atMost(SOON)
                .until(() -> feed.isProven() && network.accepted() == 1);
    }

    @Test
    void tellsWhatCameUpWhileItWasTellingInFewStatements() {
        startProven();
        Ears there = new Ears();
        other.listen(there);
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(3_000).toList();
        long before = commits();

        ids.forEach(feed::publish);

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(there.heard).containsAll(ids));
        assertThat(there.heard.stream().filter(ids::contains).count()).isEqualTo(3_000);
        assertThat(commits() - before).isLessThan(300);
    }

    /** More than a feed keeps while it is not connected: the other replicas read everything again. */
    @Test
    void tellsThatItCannotTellAll() {
        Ears there = new Ears();
        other.listen(there);

        Stream.generate(UUID::randomUUID).limit(20_000).forEach(feed::publish);
        startProven();

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(there.missed).hasValue(1));
        assertThat(there.heard).isEmpty();
        UUID next = UUID.randomUUID();
        feed.publish(next);
        Awaitility.await().atMost(SOON).until(() -> there.heard.contains(next));
    }

    /** Commits wait for the disk only where something can be lost. */
    @Test
    void tellingDoesNotWaitForTheDisk() {
        startProven();

        assertThat(used.getProperties()).containsEntry("synchronous_commit", "off");
        assertThat(bounded.connectOptions().getProperties()).doesNotContainKey("synchronous_commit");
    }

    // who hears of it knows that the log went that far, whatever becomes of the database
    @Test
    void tellsHowFarTheLogGoes() {
        List<String> heard = new CopyOnWriteArrayList<>();
        PgConnection raw = joined(PgConnection.connect(vertx, options()));
        raw.notificationHandler(each -> heard.add(each.getPayload()));
        joined(raw.query("LISTEN nexus_oauth_credentials").execute());
        long before = behind.count("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn");
        UUID id = UUID.randomUUID();

        other.publish(id);

        Awaitility.await().atMost(SOON).until(() -> heard.stream().anyMatch(each -> each.startsWith(id + " ")));
        raw.close();
        assertThat(heard)
                .filteredOn(each -> each.startsWith(id + " "))
                .allSatisfy(
                        each -> assertThat(Long.parseLong(each.substring(37))).isGreaterThanOrEqualTo(before));
    }

    // anybody in the database may notify; that a server came back shorter shows in its start, see FailoverDetectorTest
    @Test
    void notificationOfACommitThatIsNotThereHoldsNobody() {
        startProven();
        behind.run("SELECT pg_notify('nexus_oauth_credentials', gen_random_uuid() || ' %d')".formatted(Long.MAX_VALUE));

        Awaitility.await()
                .during(Duration.ofSeconds(6))
                .atMost(SOON)
                .until(() -> feed.isSettled() && other.isSettled() && feed.isProven());
    }

    @Test
    void databaseIsNotSettledWhileNothingIsHeardOfIt() {
        startProven();

        network.mode(Mode.REFUSE);
        Awaitility.await().atMost(SOON).until(() -> !feed.isSettled());
        network.mode(Mode.PASS);

        Awaitility.await().atMost(SOON).until(feed::isSettled);
    }

    @Test
    void whatIsToldWhileDisconnectedIsToldLater() {
        startProven();
        Ears there = new Ears();
        other.listen(there);
        network.mode(Mode.REFUSE);
        Awaitility.await().atMost(SOON).until(() -> !feed.isProven());
        UUID id = UUID.randomUUID();
        feed.publish(id);

        network.mode(Mode.PASS);

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(there.heard).contains(id));
    }

    // the ways in which listening ends

    @Test
    void listensAgainWhenItsSessionIsKilled() {
        startProven();
        int missed = ears.missed.get();

        behind.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + NAME + "'");

        Awaitility.await().atMost(SOON).until(() -> ears.missed.get() == missed + 1);
        UUID id = UUID.randomUUID();
        other.publish(id);
        awaitHeard(id);
    }

    @Test
    void listensThoughTheFirstConnectFailed() {
        network.mode(Mode.REFUSE);
        feed.start(new StartupEvent());
        Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> !feed.isProven());

        network.mode(Mode.PASS);

        Awaitility.await().atMost(SOON).until(feed::isProven);
    }

    @Test
    void noticesAHalfOpenSocketAndListensAgain() {
        startProven();
        int missed = ears.missed.get();
        network.mode(Mode.BLACKHOLE);
        UUID lost = told();

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !feed.isProven() && network.accepted() > 1);
        network.mode(Mode.PASS);

        Awaitility.await().atMost(SOON).until(feed::isProven);
        assertThat(ears.heard).doesNotContain(lost);
        assertThat(ears.missed).hasValue(missed + 1);
        UUID id = UUID.randomUUID();
        other.publish(id);
        awaitHeard(id);
    }

    @Test
    void givesUpAServerThatAcceptsAndNeverAnswers() {
        network.mode(Mode.BLACKHOLE);
        feed.start(new StartupEvent());
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> network.accepted() > 1);

        network.mode(Mode.PASS);

        Awaitility.await().atMost(SOON).until(feed::isProven);
    }

    /** Caches must be cleared after a reconnect, because notifications may have been lost. */
    @Test
    void saysThatItMissedSomethingAfterEveryReconnect() {
        startProven();
        assertThat(ears.missed).hasValue(1);
        network.mode(Mode.RESET);
        network.mode(Mode.REFUSE);
        Awaitility.await().until(() -> !feed.isProven());
        UUID lost = told();

        network.mode(Mode.PASS);

        Awaitility.await().atMost(SOON).until(feed::isProven);
        assertThat(ears.missed).hasValue(2);
        assertThat(ears.heard).doesNotContain(lost);
    }

    @Test
    void connectThatEndsAfterTheStopIsClosed() {
        network.mode(Mode.BLACKHOLE);
        feed.start(new StartupEvent());
        Awaitility.await().until(() -> network.open() == 1);
        network.close();
        network = new TcpFaultProxy(bounded.connectOptions().getPort());
        ChangeFeed late = new ChangeFeed(vertx, this::options);

        late.start(new StartupEvent());
        late.stop(new ShutdownEvent());

        Awaitility.await().atMost(SOON).until(() -> network.accepted() == 1 && network.open() == 0);
        assertThat(late.isProven()).isFalse();
        assertThat(network.accepted()).isEqualTo(1);
    }

    @Test
    void stoppedFeedDoesNotComeBack() {
        startProven();

        feed.stop(new ShutdownEvent());

        Awaitility.await().atMost(SOON).until(() -> network.open() == 0);
        Awaitility.await().during(Duration.ofSeconds(1)).until(() -> network.accepted() == 1);
    }

    private static <T> T joined(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private void startProven() {
        feed.start(new StartupEvent());
        Awaitility.await().atMost(SOON).until(feed::isProven);
    }

    /** The notifications that all present listeners received. */
    private UUID told() {
        Ears there = new Ears();
        other.listen(there);
        UUID id = UUID.randomUUID();
        other.publish(id);
        Awaitility.await().atMost(SOON).until(() -> there.heard.contains(id));
        return id;
    }

    private void awaitHeard(UUID id) {
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(ears.heard).contains(id));
    }

    private long commits() {
        return behind.count("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
    }
}
