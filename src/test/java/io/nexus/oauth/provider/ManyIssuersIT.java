package io.nexus.oauth.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A tenant that registers ever new issuers uses up neither the memory nor what others have in the cache. */
class ManyIssuersIT {

    private static final int ISSUERS = 2_000;
    private static final String HEAP = "-Xmx256m";
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Test
    void twoThousandIssuersOfOneTenantFitIntoASmallHeap() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyIssuersIT.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).as(output).isZero();
        assertThat(output).contains("fetched for the other tenant: 1\n");
    }

    /** The child process: a server of all issuers, and the tenants. */
    public static void main(String[] arguments) throws IOException {
        AtomicInteger calm = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(Executors.newFixedThreadPool(2));
        server.createContext("/", exchange -> answer(exchange, calm));
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        OAuthProvider provider = Providers.provider(
                Providers.shipped("oidc").profile(),
                Duration.ofSeconds(10),
                new Discovery(Providers.WIRE, new MetadataCache(InstantSource.system()), Providers.RULE));
        for (int i = 0; i < ISSUERS; i++) {
            Providers.await(provider.authorizationUrl(client("hostile", base + "/" + i), Providers.request()));
            if (i % 20 == 0) {
                Providers.await(provider.authorizationUrl(client("other", base + "/calm"), Providers.request()));
            }
        }
        System.out.println("fetched for the other tenant: " + calm.get());
        System.exit(0);
    }

    private static ClientRegistration client(String tenant, String issuer) {
        return new ClientRegistration("oidc", "client", null, Scopes.NONE, null, Map.of("issuer_url", issuer))
                .ownedBy(new TenantId(tenant));
    }

    /** A document of 200 KB, most of it in a list that the service reads. */
    private static void answer(HttpExchange exchange, AtomicInteger calm) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String issuer =
                "http://" + exchange.getRequestHeaders().getFirst("Host") + path.replaceFirst("/\\.well-known.*", "");
        if (issuer.endsWith("/calm")) {
            calm.incrementAndGet();
        }
        String method = issuer + "-" + "m".repeat(20_000);
        byte[] document = """
                {"issuer":"%1$s","authorization_endpoint":"%1$s/a","token_endpoint":"%1$s/t",
                 "token_endpoint_auth_methods_supported":["%2$s1","%2$s2","%2$s3","%2$s4","%2$s5","%2$s6","%2$s7",
                 "%2$s8","%2$s9","%2$s0"]}""".formatted(issuer, method).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, document.length);
        exchange.getResponseBody().write(document);
        exchange.close();
    }
}
