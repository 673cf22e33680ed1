package io.nexus.oauth.store.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Work outlives the request that started it, its connection and the HTTP server. */
@QuarkusTest
class CancellationShieldTest {

    @Inject
    CancellationShield shield;

    @Inject
    Vertx vertx;

    // as when the HTTP server is closed at the beginning of a stop
    @Test
    void timersOfTheWorkOutliveWhoAskedForIt() throws Exception {
        CompletableFuture<CompletableFuture<String>> started = new CompletableFuture<>();
        String server = vertx.deployVerticle(new AbstractVerticle() {
                    @Override
                    public void start() {
                        started.complete(shield.start(() -> Uni.createFrom()
                                .emitter(emitter -> vertx.setTimer(500, ignored -> emitter.complete("in time")))));
                    }
                })
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        CompletableFuture<String> work = started.get(10, TimeUnit.SECONDS);

        vertx.undeploy(server).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);

        assertThat(work).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("in time");
    }
}
