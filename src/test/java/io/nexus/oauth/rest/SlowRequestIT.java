package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slow requests that hold a connection. The body timeout of this test is two seconds. */
@QuarkusTest
class SlowRequestIT {

    private static final int MANY = 500;

    private final int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Socket send(String text) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        sockets.add(socket);
        socket.setSoTimeout(20_000);
        write(socket, text);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String post(String headers) {
        return "POST /api/v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "X-API-Key: " + Api.newTenant() + "\r\n" + headers + "\r\n";
    }

    private static String all(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void bodyThatDoesNotComeEndsWithTheConnection() throws IOException {
        Socket silent = send(post("Content-Length: 100\r\n") + "{");
        Socket chunked = send(post("Transfer-Encoding: chunked\r\n") + "1\r\n{\r\n");

        for (Socket slow : List.of(silent, chunked)) {
            assertThat(all(slow))
                    .startsWith("HTTP/1.1 408 ")
                    .containsIgnoringCase("connection: close")
                    .contains("urn:nexus-oauth:problem:request-timeout");
        }
    }

    /** Anybody may send the one for signing in. */
    @Test
    void formThatDoesNotComeEndsWithTheConnection() throws IOException {
        Socket slow = send(form("/ui/sign-in"));

        assertThat(all(slow)).startsWith("HTTP/1.1 408 ").containsIgnoringCase("connection: close");
    }

    /** A path with two readings had no deadline once; it is refused before anybody waits for its form. */
    @Test
    void formToAPathWithTwoReadingsIsNotWaitedFor() throws IOException {
        Socket slow = send(form("/sandbox/../ui/sign-in"));

        assertThat(all(slow)).startsWith("HTTP/1.1 400 ").containsIgnoringCase("connection: close");
    }

    private static String form(String path) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nkey=";
    }

    @Test
    void aByteNowAndThenDoesNotHelp() throws IOException, InterruptedException {
        Socket slow = send(post("Content-Length: 100\r\n") + "{");
        long began = System.nanoTime();

        boolean open = true;
        while (open && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(15)) {
            TimeUnit.MILLISECONDS.sleep(100);
            try {
                write(slow, " ");
            } catch (IOException closed) {
                open = false;
            }
        }

        assertThat(open).isFalse();
    }

    @Test
    void othersAreServedWhileHundredsAreSlow() throws IOException {
        String body = post("Content-Length: 100\r\n") + "{";
        for (int i = 0; i < MANY; i++) {
            send(i % 2 == 0 ? body : "GET /api/v1/token HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        }

        assertThat(Api.management().get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(Api.as(Api.newTenant()).get("/api/v1/credentials").statusCode())
                .isEqualTo(200);
    }

    @Test
    void endlessBodyIsRefusedAndNotReadForever() throws IOException {
        Socket endless = send(post("Transfer-Encoding: chunked\r\n"));
        OutputStream out = endless.getOutputStream();
        byte[] chunk = ("10000\r\n" + "a".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        out.write(chunk);
        out.write(chunk);
        byte[] answer = endless.getInputStream().readNBytes("HTTP/1.1 413".length());
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        boolean open = true;
        while (open && System.nanoTime() < end) {
            try {
                out.write(chunk);
            } catch (IOException closed) {
                open = false;
            }
        }

        assertThat(open).isFalse();
    }

    /** The framework counts the open connections. Whoever leaves after a 413 must not stay in its count. */
    @Test
    void refusedBodiesLeaveTheirConnectionsFree() throws IOException {
        int most = ConfigProvider.getConfig().getValue("quarkus.http.limits.max-connections", Integer.class);
        byte[] head = "POST /api/v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < most + 10; i++) {
            try (Socket leaving = new Socket("127.0.0.1", port)) {
                leaving.setSoTimeout(20_000);
                leaving.getOutputStream().write(head);
                assertThat(new String(leaving.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .as("connection %d", i)
                        .isEqualTo("HTTP/1.1 413");
            }
        }

        assertThat(Api.as(Api.newTenant()).get("/api/v1/credentials").statusCode())
                .isEqualTo(200);
    }
}
