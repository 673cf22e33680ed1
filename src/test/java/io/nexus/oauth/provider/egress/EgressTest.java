package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.testing.MutableClock;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests to hosts that are where nobody should be talked to, and to hosts with a certificate of our own authority.
 */
class EgressTest {

    private static final AddressRule PRODUCTION = new AddressRule(false, List.of());
    private static final AddressRule LOCAL = new AddressRule(true, List.of());

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private static ExchangeResult send(HttpExchange exchange, String url) {
        HttpExchange.Call call = new HttpExchange.Call(
                "POST", URI.create(url), Map.of(), "refresh_token=x", Duration.ofSeconds(60), 1_000);
        return exchange.send(call).await().atMost(Duration.ofSeconds(90));
    }

    private static HttpExchange wire(AddressRule rule) {
        return new HttpExchange(Providers.VERTX, new Egress(Providers.VERTX, rule), null);
    }

    @Test
    void nothingIsSentToThisMachine() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", "{}"))) {
            int port = URI.create(server.url()).getPort();
            HttpExchange exchange = wire(PRODUCTION);
            for (String host :
                    List.of("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]")) {
                assertThat(send(exchange, "http://" + host + ":" + port + "/token"))
                        .as(host)
                        .isInstanceOf(ExchangeResult.NotSent.class);
            }
            assertThat(send(exchange, server.url()))
                    .isEqualTo(new ExchangeResult.NotSent(ExchangeResult.NotSent.FORBIDDEN));
            assertThat(server.requests()).isEmpty();

            assertThat(send(wire(LOCAL), server.url())).isInstanceOf(ExchangeResult.Complete.class);
        }
    }

    /** The machine was suspended during the look-up: its clock went on, and the time of the process did not. */
    @Test
    void nothingIsSentAfterASuspendThatOutlivedTheDeadline() throws IOException {
        MutableClock clock = new MutableClock();
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(200, "{}"))) {
            HttpExchange exchange = new HttpExchange(
                    Providers.VERTX,
                    new Egress(Providers.VERTX, LOCAL),
                    null,
                    (provider, endpoint, outcome, took) -> {},
                    clock);
            HttpExchange.Call call = new HttpExchange.Call(
                    "POST",
                    URI.create(server.url().replace("127.0.0.1", "suspended.slow.test")),
                    Map.of(),
                    "refresh_token=x",
                    Duration.ofSeconds(60),
                    1_000);
            Future<ExchangeResult> result = exchange.sendNow(call);
            clock.advance(Duration.ofMinutes(5));

            assertThat(result.toCompletionStage()).succeedsWithin(SOON).isEqualTo(new ExchangeResult.NotSent("late"));
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void hostWithoutAnAddressIsNotReached() {
        assertThat(send(wire(PRODUCTION), "https://no-such-host.invalid/"))
                .isEqualTo(new ExchangeResult.NotSent("unconnected"));
    }

    /** Somebody else's name server holds the threads that it was asked with, and no others. */
    @Test
    void aHostThatIsLookedUpByManyHoldsOneThread() {
        Egress egress = new Egress(Providers.VERTX, LOCAL);

        List<Future<InetAddress>> slow = IntStream.range(0, 100)
                .mapToObj(i -> egress.find("many.slow.test"))
                .toList();

        assertThat(egress.find("localhost").toCompletionStage()).succeedsWithin(SOON);
        assertThat(slow).noneMatch(Future::isComplete);
        assertThat(slow).allSatisfy(each -> assertThat(each.toCompletionStage()).succeedsWithin(SOON));
    }

    /** New names of slow name servers hold the threads for new names only. */
    @Test
    void aKnownHostIsLookedUpWhileNameServersAreSlow() {
        AtomicLong time = new AtomicLong();
        Egress egress = new Egress(Providers.VERTX, LOCAL, "the test", time::get);
        assertThat(egress.find("localhost").toCompletionStage()).succeedsWithin(SOON);
        List<Future<InetAddress>> slow = IntStream.range(0, NameLookups.THREADS)
                .mapToObj(i -> egress.find(i + ".slow.test"))
                .toList();
        time.addAndGet(Duration.ofSeconds(11).toNanos());

        Future<InetAddress> known = egress.find("localhost");

        assertThat(known.toCompletionStage()).succeedsWithin(SOON);
        assertThat(slow).noneMatch(Future::isComplete);
        assertThat(slow).allSatisfy(each -> assertThat(each.toCompletionStage()).succeedsWithin(SOON));
    }

    /** Tenants' hosts were known before their name servers became slow: the hosts of others stay where they were. */
    @Test
    void aHostInUseStaysWhereItWasForADay() {
        AtomicLong time = new AtomicLong();
        Egress egress = new Egress(Providers.VERTX, LOCAL, "the test", time::get);
        Future<InetAddress> first = egress.find("tenant", "in-use.slow.test");
        assertThat(first.toCompletionStage()).succeedsWithin(SOON);
        for (int hour = 0; hour < 23; hour++) {
            time.addAndGet(Duration.ofMinutes(59).toNanos());
            Future<InetAddress> later = egress.find("tenant", "in-use.slow.test");
            if (hour == 0) {
                assertThat(later.toCompletionStage()).succeedsWithin(SOON);
                assertThat(egress.find("other", "in-use.slow.test").isComplete())
                        .as("only the first waits a second for the name server")
                        .isTrue();
            }
            assertThat(later.failed()).isFalse();
        }
    }

    @Test
    void aHostWithoutAnAddressIsNotLookedUpAgainAtOnce() {
        AtomicLong time = new AtomicLong();
        Egress egress = new Egress(Providers.VERTX, LOCAL, "the test", time::get);
        assertThat(egress.find("tenant", "no-such-host.invalid").toCompletionStage())
                .failsWithin(SOON);

        assertThat(egress.find("tenant", "no-such-host.invalid").failed())
                .as("at once")
                .isTrue();
        time.addAndGet(Duration.ofSeconds(11).toNanos());
        assertThat(egress.find("tenant", "no-such-host.invalid").isComplete()).isFalse();
    }

    @Test
    void theHostsOfATenantAreBoundedAndThoseOfAnotherAreLookedUpOnceMoreAtMost() {
        Egress egress = new Egress(Providers.VERTX, LOCAL, "the test", () -> 0);
        int lookUps = 0;
        for (int i = 0; i < Egress.MAX_HOSTS + 2_000; i++) {
            assertThat(egress.find("hostile", address(i)).toCompletionStage()).succeedsWithin(SOON);
            if (i % 100 == 0) {
                Future<InetAddress> other = egress.find("other", "localhost");
                lookUps += other.isComplete() ? 0 : 1;
                assertThat(other.toCompletionStage()).succeedsWithin(SOON);
            }
        }

        int remembered = 0;
        for (int i = 0; i < Egress.MAX_HOSTS + 2_000; i++) {
            remembered += egress.find("hostile", address(i)).isComplete() ? 1 : 0;
        }
        assertThat(remembered).isBetween(Egress.MAX_HOSTS / 2, Egress.MAX_HOSTS + 1_000);
        assertThat(lookUps).isBetween(1, 2);
    }

    private static String address(int number) {
        return "8.8." + number / 256 + "." + number % 256;
    }

    @Test
    void theFailuresOfATenantAreBoundedAndThoseOfAnotherAreLookedUpAgain() {
        Egress egress = new Egress(Providers.VERTX, LOCAL, "the test", () -> 0);
        for (int i = 0; i < Egress.MAX_FAILURES * 2; i++) {
            assertThat(egress.find("hostile", i + ".unresolved.example").toCompletionStage())
                    .failsWithin(SOON);
        }

        long remembered = IntStream.range(0, Egress.MAX_FAILURES * 2)
                .filter(i -> egress.find("hostile", i + ".unresolved.example").isComplete())
                .count();

        assertThat(remembered).isBetween(Egress.MAX_FAILURES / 2L, Egress.MAX_FAILURES + 500L);
        assertThat(egress.find("other", "localhost").toCompletionStage()).succeedsWithin(SOON);
    }

    /** The name is what the certificate has to be for, though the connection goes to the address that was looked at. */
    @Test
    void certificateOfOurOwnAuthorityIsForTheName() throws Exception {
        SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
        HttpServer server = Providers.VERTX
                .createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setHost("127.0.0.1")
                        .setPort(0)
                        .setKeyCertOptions(certificate.keyCertOptions()))
                .requestHandler(
                        request -> request.response().end(request.authority().host()));
        server.listen().toCompletionStage().toCompletableFuture().join();
        try {
            String port = ":" + server.actualPort() + "/";
            Egress egress = new Egress(Providers.VERTX, LOCAL);
            HttpExchange trusting = new HttpExchange(
                    Providers.VERTX, egress, TrustAnchors.with(Path.of(certificate.certificatePath())));

            assertThat(send(trusting, "https://localhost" + port))
                    .isInstanceOfSatisfying(
                            ExchangeResult.Complete.class,
                            answer -> assertThat(answer.body()).isEqualTo("localhost"));
            assertThat(send(trusting, "https://127.0.0.1" + port)).isEqualTo(new ExchangeResult.NotSent("unconnected"));
            assertThat(send(wire(LOCAL), "https://localhost" + port))
                    .isEqualTo(new ExchangeResult.NotSent("unconnected"));
        } finally {
            server.close().toCompletionStage().toCompletableFuture().join();
            certificate.delete();
        }
    }

    @Test
    void fileWithoutACertificateStopsTheStart() throws IOException {
        Path empty = Files.writeString(directory.resolve("ca.pem"), "");
        assertThatThrownBy(() -> TrustAnchors.with(empty))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("nexus.oauth.providers.ca-file", empty.toString());
        assertThatThrownBy(() -> TrustAnchors.with(directory.resolve("none")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nexus.oauth.providers.ca-file");
    }
}
