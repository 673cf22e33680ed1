package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Clients that offer an upgrade to HTTP/2 with their first request, as Java's own does. */
@QuarkusTest
class Http2Test {

    private static final String BODY = "{\"provider\":\"no-such-provider\",\"user\":\"a@b.example\"}";

    private final int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);

    @Test
    void whoOffersAnUpgradeIsServedWithoutIt() throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/connect-sessions"))
                            .header("Content-Type", "application/json")
                            .header("X-API-Key", Api.newTenant())
                            .POST(BodyPublishers.ofString(BODY))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.body()).contains("is not a known provider");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
    }
}
