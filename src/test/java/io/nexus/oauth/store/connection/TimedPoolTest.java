package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class TimedPoolTest {

    @Inject
    Vertx vertx;

    @Inject
    BoundedPool bounded;

    @Inject
    Database database;

    private Pool pool;

    @BeforeEach
    void openOne() throws Exception {
        database.executeForRow("SELECT 1", Tuple.tuple(), row -> row).await().indefinitely();
        pool = BoundedPool.open(vertx, new PoolOptions().setMaxSize(1), List.of(bounded.connectOptions()));
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void whoWaitsTooLongIsToldSoAndLeavesTheConnectionToTheNext() throws Exception {
        SqlConnection first = get(pool.getConnection());
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> get(pool.getConnection()))
                .havingCause()
                .isInstanceOf(TimeoutException.class)
                .withMessage("no connection in 2000 ms");

        first.close();

        assertThat(get(pool.getConnection())).isNotNull();
    }

    /** The connection was given to a caller, but its event loop is busy, and the caller's time ends before it hears of it. */
    @Test
    void connectionThatComesTooLateIsNotLost() throws Exception {
        ContextInternal owner = context(null);
        ContextInternal other = context(owner);
        get(get(on(owner)).close());
        SqlConnection held = get(on(other)); // it was opened on the loop of its owner, and is given back on another
        CompletableFuture<SqlConnection> waiting = on(other);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        owner.runOnContext(ignored -> {
            blocked.countDown();
            awaitQuietly(busy);
        });
        blocked.await();
        // the waiter is in the queue when its loop has done what was asked of it
        get(Future.future(promise -> other.runOnContext(ignored -> promise.complete())));

        held.close();
        assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> waiting.get(10, TimeUnit.SECONDS));
        busy.countDown();

        assertThat(get(on(other))).isNotNull();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One on another event loop than {@code than}. */
    private ContextInternal context(ContextInternal than) {
        return Stream.generate(() -> ((VertxInternal) vertx).createEventLoopContext())
                .limit(100)
                .filter(each -> than == null || each.nettyEventLoop() != than.nettyEventLoop())
                .findFirst()
                .orElseThrow();
    }

    private CompletableFuture<SqlConnection> on(Context context) {
        CompletableFuture<SqlConnection> got = new CompletableFuture<>();
        context.runOnContext(ignored -> pool.getConnection().onComplete(got::complete, got::completeExceptionally));
        return got;
    }

    private static <T> T get(Future<T> result) throws Exception {
        return get(result.toCompletionStage().toCompletableFuture());
    }

    private static <T> T get(CompletableFuture<T> result) throws Exception {
        return result.get(10, TimeUnit.SECONDS);
    }
}
