package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** When no database connection is free, a request fails soon with {@code Retry-After}. */
@QuarkusTest
class StorageAwayTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 16;
    private static final List<String> PATHS = List.of(
            "/api/v1/token?provider=sandbox&user=nobody",
            "/api/v1/credentials",
            "/api/v1/audit",
            "/api/v1/clients",
            "/api/v1/connect-sessions/00000000-0000-0000-0000-000000000000");

    @Inject
    Pool pool;

    @Test
    void whoFindsNoConnectionIsAskedToComeAgain() {
        String known = Api.newTenant();
        String fresh = Api.newTenant(); // nobody has looked this key up yet
        PATHS.forEach(path -> Api.as(known).get(path));
        List<SqlConnection> taken = occupy();

        List<CompletableFuture<Response>> answers = Stream.of(known, fresh)
                .flatMap(key -> PATHS.stream()
                        .map(path ->
                                CompletableFuture.supplyAsync(() -> Api.as(key).get(path), Thread::startVirtualThread)))
                .toList();

        answers.forEach(each -> assertAway(each.join()));
        taken.forEach(each -> each.close().await().atMost(PATIENCE));
        PATHS.forEach(
                path -> Awaitility.await().until(() -> Api.as(fresh).get(path).statusCode() < 500));
    }

    private static void assertAway(Response response) {
        Api.assertProblem(response, 503, "storage-unavailable");
        assertThat(response.header("Retry-After")).isNotNull();
    }

    /** Takes every connection of the pool. */
    private List<SqlConnection> occupy() {
        List<SqlConnection> taken = new ArrayList<>();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            try {
                while (taken.size() < CONNECTIONS) {
                    taken.add(pool.getConnection().await().atMost(PATIENCE));
                }
                return true;
            } catch (RuntimeException e) {
                return false; // others use some of them for a moment
            }
        });
        return taken;
    }
}
