package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counts requests at a real server whose handler keeps every admitted request open. */
class InFlightRequestsTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private final InFlightRequests inFlight = new InFlightRequests();
    private final LinkedBlockingQueue<RoutingContext> kept = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Boolean> verdicts = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new ArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(context -> {
            boolean admitted = inFlight.admit(context);
            if (admitted) {
                kept.add(context);
            } else {
                context.response().setStatusCode(503).end();
            }
            verdicts.add(admitted);
        });
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private Socket ask() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        sockets.add(socket);
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String status(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    private RoutingContext taken() throws InterruptedException {
        RoutingContext context = kept.poll(60, TimeUnit.SECONDS);
        assertThat(context).isNotNull();
        return context;
    }

    private boolean isLetIn() throws InterruptedException {
        Boolean verdict = verdicts.poll(60, TimeUnit.SECONDS);
        assertThat(verdict).isNotNull();
        return Boolean.TRUE.equals(verdict);
    }

    private CompletableFuture<Integer> shut(Duration patience) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return inFlight.shut(patience);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void waitsForWhoIsIn() throws Exception {
        Socket early = ask();
        RoutingContext request = taken();
        assertThat(isLetIn()).isTrue();
        CompletableFuture<Integer> end = shut(LONG);
        Socket late = ask();
        for (int i = 0; i < 1000 && isLetIn(); i++) {
            taken().response().end(); // the end had not begun
            late = ask();
        }
        assertThat(status(late)).contains(" 503 ");

        assertThat(end).isNotDone();
        request.response().end();

        assertThat(status(early)).contains(" 200 ");
        assertThat(end.get(60, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void whoHungUpIsNotWaitedFor() throws Exception {
        Socket gone = ask();
        taken();
        gone.close();

        assertThat(inFlight.shut(LONG)).isZero();
    }

    @Test
    void answeredOnesAreForgotten() throws Exception {
        for (int i = 0; i < 3; i++) {
            Socket socket = ask();
            taken().response().end();
            assertThat(status(socket)).contains(" 200 ");
        }

        assertThat(inFlight.shut(LONG)).isZero();
    }

    @Test
    void patienceEndsAndTellsHowManyAreLeft() throws Exception {
        ask();
        ask();
        taken();
        taken();

        assertThat(inFlight.shut(Duration.ofMillis(50))).isEqualTo(2);
    }

    @Test
    void nobodyIsLetInAfterwards() throws Exception {
        assertThat(inFlight.shut(LONG)).isZero();

        assertThat(status(ask())).contains(" 503 ");
        assertThat(kept).isEmpty();
    }
}
