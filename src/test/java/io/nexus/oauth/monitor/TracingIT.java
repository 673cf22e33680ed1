package io.nexus.oauth.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bytes that a collector receives over OTLP, so that a secret in any field would be found. */
@QuarkusTest
@TestProfile(TracingIT.Own.class)
@QuarkusTestResource(value = TracingIT.Collector.class, restrictToAnnotatedClass = true)
class TracingIT implements RunningSchedule {

    /** Tracing is set up at the start of the service. */
    public static final class Own implements QuarkusTestProfile {}

    /** Receives traces and keeps them as they are. */
    public static final class Collector implements QuarkusTestResourceLifecycleManager {

        static final ByteArrayOutputStream RECEIVED = new ByteArrayOutputStream();
        private HttpServer server;

        @Override
        public Map<String, String> start() {
            try {
                server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server.createContext("/v1/traces", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                synchronized (RECEIVED) {
                    RECEIVED.writeBytes(body);
                }
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            return Map.of(
                    "quarkus.otel.sdk.disabled", "false",
                    "quarkus.otel.exporter.otlp.endpoint",
                            "http://127.0.0.1:" + server.getAddress().getPort(),
                    "quarkus.otel.exporter.otlp.protocol", "http/protobuf",
                    "quarkus.otel.bsp.schedule.delay", "100ms");
        }

        @Override
        public void stop() {
            server.stop(0);
        }

        static String received() {
            synchronized (RECEIVED) {
                return RECEIVED.toString(StandardCharsets.ISO_8859_1);
            }
        }
    }

    private static void awaitText(String... texts) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(Collector.received()).contains(texts));
    }

    private static int spansOf(String trace) {
        String bytes = new String(HexFormat.of().parseHex(trace), StandardCharsets.ISO_8859_1);
        return Collector.received().split(Pattern.quote(bytes), -1).length - 1;
    }

    @Test
    void spansTellWhatHappenedAndHoldNoSecret() {
        String user = Api.unique("user") + "@example.com";
        Browser browser = new Browser();
        String link = Api.link(user);
        String back = browser.walk(link, "alice@example.com");
        assertThat(back).contains("code=", "state=");
        browser.get(Browser.location(browser.get(back)));
        String id = Api.token("sandbox", user).path("credential_id");
        String token = Api.admin()
                .post("/api/v1/credentials/" + id + "/refresh")
                .then()
                .statusCode(200)
                .extract()
                .response()
                .path("id");
        assertThat(token).isEqualTo(id);
        String handedOut = Api.token("sandbox", user).path("access_token");

        awaitText("hand-out", "refresh", "exchange", "nexus.outcome", "sandbox", "GET /callback/{provider}");

        assertThat(Collector.received())
                .doesNotContain(
                        Browser.parameter(back, "code"),
                        Browser.parameter(back, "state"),
                        link.substring(link.lastIndexOf('/') + 1),
                        handedOut,
                        user,
                        "code=",
                        "alice@example.com",
                        Api.bootstrapKey());
    }

    /** The messages of parsers quote what they could not read. */
    @Test
    void whatARequestFailedWithIsInNoSpan() {
        String trace = UUID.randomUUID().toString().replace("-", "");
        String secret = "canary" + UUID.randomUUID().toString().replace("-", "");
        for (String body : List.of(secret, "{\"token\":" + secret + "}", "{\"token\":{\"" + secret + "\":1}}")) {
            Api.admin()
                    .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                    .body(body)
                    .post("/api/v1/audit/lookup")
                    .then()
                    .statusCode(400);
        }

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(spansOf(trace)).isGreaterThanOrEqualTo(3));
        assertThat(Collector.received()).doesNotContain(secret, "exception.message");
    }

    @Test
    void aCallersTraceGoesOnHereAndInTheRefreshThatItCauses() {
        String user = Api.unique("user") + "@example.com";
        new Browser().connect(Api.link(user), "alice@example.com");
        String id = Api.token("sandbox", user).path("credential_id");
        String trace = UUID.randomUUID().toString().replace("-", "");
        Api.admin()
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01")
                .post("/api/v1/credentials/" + id + "/refresh")
                .then()
                .statusCode(200);

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(spansOf(trace))
                        .as("the request's span and the refresh's")
                        .isGreaterThanOrEqualTo(2));
    }
}
