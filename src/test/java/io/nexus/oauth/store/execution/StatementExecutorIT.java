package io.nexus.oauth.store.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.connection.TestPools;
import io.nexus.oauth.testing.TcpFaultProxy;
import io.nexus.oauth.testing.TcpFaultProxy.Mode;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool behind a network that breaks. */
@QuarkusTest
class StatementExecutorIT {

    private static final String NAME = "lane-test";
    private static final int SIZE = 4;
    private static final String SLEEP = "SELECT pg_sleep($1::float8)::text";

    @Inject
    Vertx vertx;

    @Inject
    TestPools bounded;

    @Inject
    Database database;

    @Inject
    AgroalDataSource dataSource;

    @ConfigProperty(name = "quarkus.datasource.reactive.idle-timeout")
    Duration idleTimeout;

    private TestDatabase behind;
    private TcpFaultProxy network;
    private Pool pool;
    private StatementExecutor executor;

    @BeforeEach
    void open() {
        await(database.executeForRow("SELECT 1", Tuple.tuple(), row -> row));
        behind = new TestDatabase(dataSource);
        network = new TcpFaultProxy(bounded.connectOptions().getPort());
        open(2);
    }

    private void open(int silence) {
        PgConnectOptions options = bounded.connectOptions().setHost("127.0.0.1").setPort(network.port());
        options.addProperty("application_name", NAME).setReadIdleTimeout(silence);
        pool = bounded.open(new PoolOptions().setMaxSize(SIZE), options);
        executor = new StatementExecutor(vertx, pool, Duration.ofSeconds(3));
    }

    /** For a test that is about neither limit: a machine that stands still for seconds meets none of them. */
    private void openPatient() {
        pool.close();
        open(30);
        executor = new StatementExecutor(vertx, pool, Duration.ofSeconds(30));
    }

    @AfterEach
    void close() {
        pool.close();
        network.close();
        behind.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + NAME + "'");
    }

    // a server that hangs acknowledges on the network and never answers

    @Test
    void statementOnAHungServerFailsOnOurSide() {
        pool.close();
        open(15);
        ping();
        network.mode(Mode.BLACKHOLE);

        StorageException failure = failure(executor.executeUpdate("SELECT 1", Tuple.tuple()));

        assertThat(failure.isRefusal()).isFalse();
        assertThat(failure).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void connectionsToAHungServerLeaveThePool() {
        fill();
        assertThat(pool.size()).isEqualTo(SIZE);

        network.mode(Mode.BLACKHOLE);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> pool.size() == 0);
        network.mode(Mode.PASS);

        ping();
    }

    @Test
    void connectionsInUseOnAHungServerLeaveThePool() {
        fill();
        network.mode(Mode.BLACKHOLE);
        List<CompletableFuture<Integer>> hung = start(SIZE, () -> executor.executeUpdate("SELECT 1", Tuple.tuple()));
        assertThat(hung).allSatisfy(each -> assertThat(each).failsWithin(Duration.ofSeconds(15)));
        network.mode(Mode.PASS);

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> succeeds(executor));

        assertThat(sessions("state LIKE 'idle in%'")).isZero();
    }

    @Test
    void connectionThatNeverGetsReadyIsGivenUp() {
        network.mode(Mode.BLACKHOLE);
        StorageException failure = failure(executor.executeUpdate("SELECT 1", Tuple.tuple()));
        assertThat(failure).isNotNull();
        network.mode(Mode.PASS);

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> succeeds(executor));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> network.open() == pool.size());
    }

    /** Otherwise a statement could meet the end of a connection that was only idle. */
    @Test
    void silenceIsLongerThanIdlenessAndAStatementTogether() {
        Duration silence = Duration.ofSeconds(bounded.connectOptions().getReadIdleTimeout());
        Duration cleaner = Duration.ofMillis(PoolOptions.DEFAULT_POOL_CLEANER_PERIOD);
        Duration statement = Duration.ofMillis(
                Long.parseLong(bounded.connectOptions().getProperties().get("statement_timeout")));

        assertThat(silence)
                .isPositive()
                .isGreaterThanOrEqualTo(idleTimeout.plus(cleaner).plus(statement));
    }

    // restart, failover

    @Test
    void readIsSentAgainWhenItsConnectionIsDead() {
        openPatient();
        ping();
        CompletableFuture<?> read = start(1, () -> executor.selectRow(SLEEP, Tuple.of(3.0), row -> row))
                .getFirst();
        Awaitility.await().until(() -> sessions("state = 'active'") == 1);

        network.mode(Mode.RESET);
        network.mode(Mode.PASS);

        assertThat(read).succeedsWithin(Duration.ofSeconds(30));
        assertThat(network.accepted()).isEqualTo(2);
    }

    @Test
    void writeIsNeverSentAgain() {
        openPatient();
        ping();
        CompletableFuture<?> write =
                start(1, () -> executor.executeUpdate(SLEEP, Tuple.of(3.0))).getFirst();
        Awaitility.await().until(() -> sessions("state = 'active'") == 1);

        network.mode(Mode.RESET);
        network.mode(Mode.PASS);

        assertThat(write).failsWithin(Duration.ofSeconds(30));
        assertThat(network.accepted()).isEqualTo(1);
    }

    @Test
    void killedSessionIsNotUsedAgain() {
        ping();
        behind.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + NAME + "'");

        Awaitility.await().until(() -> succeeds(executor));
    }

    // a primary that became a standby keeps its sessions, which refuse every write

    @Test
    void connectionToADemotedPrimaryIsNotUsedAgain() {
        pool.close();
        PgConnectOptions readOnly = bounded.connectOptions();
        readOnly.addProperty("application_name", NAME);
        pool = bounded.open(new PoolOptions().setMaxSize(1), readOnly);
        executor = new StatementExecutor(vertx, pool);
        await(executor.executeUpdate("SET default_transaction_read_only = on", Tuple.tuple()));
        String demoted = pid();
        assertThat(pid()).isEqualTo(demoted);

        StorageException failure = failure(executor.executeUpdate("CREATE TABLE refused ()", Tuple.tuple()));

        assertThat(failure.isRefusal()).isFalse();
        assertThat(pid()).isNotEqualTo(demoted);
    }

    @Test
    void errorThatTheDatabaseAnswersIsCertainAndKeepsTheConnection() {
        String before = pid();

        assertThat(failure(executor.executeUpdate("SELECT 1 / 0", Tuple.tuple()))
                        .isRefusal())
                .isTrue();

        assertThat(pid()).isEqualTo(before);
    }

    /** Planning a long statement takes the server longer than carrying it out. */
    @Test
    void longStatementIsPreparedOncePerConnection() {
        String sql = "SELECT 1 /* " + "x".repeat(6_000) + " */";
        fill();
        start(3 * SIZE, () -> executor.executeUpdate(sql, Tuple.tuple())).forEach(CompletableFuture::join);

        List<Long> prepared = start(
                        SIZE,
                        () -> executor.executeForRow(
                                "SELECT count(*) FROM pg_prepared_statements WHERE length(statement) > 6000",
                                Tuple.tuple(),
                                row -> row.getLong(0)))
                .stream()
                .map(each -> each.join().orElseThrow())
                .toList();

        assertThat(prepared).contains(1L).allMatch(count -> count <= 1);
    }

    // bounds

    @Test
    void stormOnAStoppedDatabaseFailsFastAndLeavesThePoolWhole() {
        fill();
        network.mode(Mode.REFUSE);
        long start = System.nanoTime();

        List<CompletableFuture<Boolean>> storm = start(
                5_000,
                () -> executor.selectRow("SELECT 1", Tuple.tuple(), row -> row).map(row -> true));

        assertThat(storm)
                .allSatisfy(each -> assertThat(each)
                        .failsWithin(Duration.ofSeconds(20))
                        .withThrowableThat()
                        .withCauseInstanceOf(StorageException.class));
        System.out.println("5000 reads on a stopped database failed in " + millisSince(start) + " ms");
        network.mode(Mode.PASS);
        Awaitility.await().until(() -> succeeds(executor));
        assertAllServe();
    }

    @Test
    void whoFindsTheQueueFullFailsAtOnce() {
        openPatient();
        fill();
        start(SIZE, () -> executor.executeUpdate(SLEEP, Tuple.of(4)));
        Awaitility.await().until(() -> sessions("state = 'active'") == SIZE);

        List<CompletableFuture<Integer>> waiting =
                start(16 * SIZE + 1, () -> executor.executeUpdate("SELECT 1", Tuple.tuple()));

        assertThat(waiting.getLast())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(ConnectionPoolTooBusyException.class);
    }

    // a client that closes its connection cancels what serves it
    @Test
    void callersThatLeaveTakeNoConnectionWithThem() {
        fill();
        for (int i = 0; i < 500; i++) {
            var caller = executor.selectRow(SLEEP, Tuple.of(0.001 * (i % 4)), row -> row)
                    .subscribe()
                    .with(row -> {}, failure -> {});
            if (i % 3 == 0) {
                Thread.yield();
            }
            caller.cancel();
        }

        Awaitility.await().until(() -> sessions("state = 'active'") == 0 && succeeds(executor));
        assertAllServe();
    }

    // lanes

    @Test
    void readsCannotStarveThePersistLane() {
        List<CompletableFuture<Integer>> reads = start(300, () -> database.executeUpdate(SLEEP, Tuple.of(4.5)));
        Awaitility.await().until(() -> general("state = 'active' AND query LIKE '%pg_sleep%'") >= 16);
        assertThat(failure(database.executeUpdate("SELECT 1", Tuple.tuple())).isRefusal())
                .isTrue();

        for (int i = 0; i < 10; i++) {
            assertThat(await(database.persist().executeUpdate("SELECT 1", Tuple.tuple())))
                    .isEqualTo(1);
        }

        assertThat(general("state = 'active' AND query LIKE '%pg_sleep%'")).isEqualTo(16);
        reads.forEach(read -> read.exceptionally(failure -> 0).join());
    }

    // as many as the gates of a few clients let be under way
    @Test
    void answersThatComeTogetherAllFindRoom() {
        List<CompletableFuture<Integer>> answers =
                start(300, () -> database.persist().executeUpdate("SELECT 1", Tuple.tuple()));

        assertThat(answers).allSatisfy(each -> assertThat(each).succeedsWithin(Duration.ofSeconds(5)));
    }

    @Test
    void persistLaneIsBoundAsTheGeneralOneIs() {
        assertThat(setting("statement_timeout")).isEqualTo("5s");
        assertThat(setting("lock_timeout")).isEqualTo("2s");
        assertThat(setting("idle_in_transaction_session_timeout")).isEqualTo("10s");
        assertThat(setting("application_name")).isEqualTo("nexus-oauth");
    }

    private String setting(String name) {
        return await(database.persist()
                        .executeForRow("SELECT current_setting($1)", Tuple.of(name), row -> row.getString(0)))
                .orElseThrow();
    }

    private void assertAllServe() {
        assertThat(start(SIZE, () -> executor.executeUpdate(SLEEP, Tuple.of(0.3))))
                .allSatisfy(each -> assertThat(each).succeedsWithin(Duration.ofSeconds(10)));
        assertThat(pool.size()).isEqualTo(SIZE);
        assertThat(sessions("state LIKE 'idle in%'")).isZero();
        assertThat(sessions("true")).isEqualTo(SIZE);
    }

    private void fill() {
        start(SIZE, () -> executor.executeUpdate(SLEEP, Tuple.of(0.2))).forEach(CompletableFuture::join);
    }

    private void ping() {
        await(executor.executeUpdate("SELECT 1", Tuple.tuple()));
    }

    private String pid() {
        return await(executor.executeForRow("SELECT pg_backend_pid()::text", Tuple.tuple(), row -> row.getString(0)))
                .orElseThrow();
    }

    private long sessions(String condition) {
        return behind.count(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + NAME + "' AND " + condition);
    }

    private long general(String condition) {
        return behind.count("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND " + condition);
    }

    private static boolean succeeds(StatementExecutor executor) {
        return catchThrowable(() -> await(executor.executeUpdate("SELECT 1", Tuple.tuple()))) == null;
    }

    private static StorageException failure(Uni<?> uni) {
        Throwable failure = catchThrowable(() -> await(uni));
        assertThat(failure).isInstanceOf(StorageException.class);
        return (StorageException) failure;
    }

    private static <T> List<CompletableFuture<T>> start(int count, Supplier<Uni<T>> work) {
        return Stream.generate(work)
                .limit(count)
                .map(Uni::subscribeAsCompletionStage)
                .toList();
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
