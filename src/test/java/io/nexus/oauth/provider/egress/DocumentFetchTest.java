package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.ScriptedServer;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where documents are got from when the operator names a server, and what an answer may be. */
class DocumentFetchTest {

    private static DocumentFetch fetch(String named, boolean allowInsecureHttp) {
        return new DocumentFetch(Providers.VERTX, named, allowInsecureHttp, "the test", ForwardProxy.NONE);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({
        // what the operator named, what is asked
        "10.1.2.3, 10.1.2.3",
        "192.168.1.1, 192.168.1.1",
        "100.64.0.1, 100.64.0.1",
        "[fd00:1::1], [fd00:1::1]",
        "1.1.1.1, 1.1.1.1",
        // the documents of a server on our network may point there, and out of it
        "10.1.2.3, 10.9.9.9",
        "10.1.2.3, [fd00:1::1]",
        "10.1.2.3, 8.8.8.8",
        "1.1.1.1, 8.8.8.8",
    })
    void asksWhereTheOperatorPoints(String named, String host) throws Exception {
        assertThat(await(fetch(named, false).find(host))).isEqualTo(InetAddress.getByName(host));
    }

    @ParameterizedTest
    @CsvSource({
        // those of one on the Internet do not lead into our network
        "1.1.1.1, 10.9.9.9",
        "1.1.1.1, [fd00:1::1]",
        "1.1.1.1, 127.0.0.1",
        "10.1.2.3, 127.0.0.1",
        // nobody leads to these, the operator neither
        "127.0.0.1, 127.0.0.1",
        "169.254.169.254, 169.254.169.254",
        "169.254.169.254, 8.8.8.8",
        "10.1.2.3, 169.254.169.254",
        "[fd00:ec2::254], [fd00:ec2::254]",
        "10.1.2.3, [fd00:ec2::254]",
        "0.0.0.0, 0.0.0.0",
        "224.0.0.1, 224.0.0.1",
    })
    void asksNowhereElse(String named, String host) {
        assertThatThrownBy(() -> await(fetch(named, false).find(host)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(Egress.ForbiddenException.class);
    }

    @Test
    void readsACompressedDocument() throws Exception {
        byte[] keys = ContentCodingsTest.gzip("{\"keys\":[]}".getBytes(StandardCharsets.UTF_8));
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "Content-Encoding: gzip", keys))) {
            assertThat(await(fetch("127.0.0.1", true).get(URI.create(server.url() + "/keys"), Map.of(), null)))
                    .isEqualTo("{\"keys\":[]}");
            assertThat(server.request().headers()).containsEntry("accept-encoding", "identity");
        }
    }

    @Test
    void asksThisMachineForTryingThingsOutOnly() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(200, "{}"))) {
            URI url = URI.create(server.url() + "/keys");
            assertThat(await(fetch("127.0.0.1", true).get(url, Map.of("Authorization", "Bearer x"), null)))
                    .isEqualTo("{}");
            assertThat(server.request().headers()).containsEntry("authorization", "Bearer x");

            assertRefused(fetch("127.0.0.1", false).get(url, Map.of(), null), "must be https");
            URI tls = URI.create(server.url().replace("http", "https"));
            assertRefused(fetch("127.0.0.1", false).get(tls, Map.of(), null), "forbidden_address");
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void asksOnceAndReadsSoMuch() throws IOException {
        try (ScriptedServer elsewhere = new ScriptedServer(ScriptedServer.json(200, "{}"));
                ScriptedServer server = new ScriptedServer()
                        .at("/moved", ScriptedServer.reply(302, "Location: " + elsewhere.url(), ""))
                        .at("/large", ScriptedServer.flood(256 * 1024 + 1))
                        .at("/cut", ScriptedServer.reset())) {
            DocumentFetch fetch = fetch("127.0.0.1", true);
            for (List<String> each : List.of(
                    List.of("/moved", "status 302"),
                    List.of("/large", "reply_too_large"),
                    List.of("/cut", "reply_lost"),
                    List.of("/none", "status 404"))) {
                assertRefused(fetch.get(URI.create(server.url() + each.getFirst()), Map.of(), null), each.getLast());
            }
            assertThat(server.requests()).hasSize(4);
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    @Test
    void doesNotWaitForEver() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.drip())) {
            assertRefused(fetch("127.0.0.1", true).get(URI.create(server.url()), Map.of(), null), "reply_timeout");
        }
    }

    @Test
    void hostThatIsNowhereIsRefusedInOurWords() {
        URI url = URI.create("https://no-such-host.invalid/keys");
        // the machine's own name server may take longer to say so than is waited for
        assertRefused(fetch("no-such-host.invalid", false).get(url, Map.of(), null), "the request was not sent");
        assertRefused(fetch("1.1.1.1", false).get(url, Map.of(), null), "the request was not sent");
        assertRefused(
                fetch("no-such-host.invalid", false).get(URI.create("https://1.1.1.1/"), Map.of(), null),
                "cannot be resolved");
    }

    private static void assertRefused(Future<String> fetched, String reason) {
        assertThatThrownBy(() -> await(fetched))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(DocumentFetch.Refused.class)
                .hasMessageContaining(reason);
    }
}
