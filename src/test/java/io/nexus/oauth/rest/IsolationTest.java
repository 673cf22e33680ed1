package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.testing.Welch;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** No tenant can read or change the data of another tenant. */
@QuarkusTest
public class IsolationTest {

    private static final int TENANTS = 10;
    private static final int REQUESTS = 1000;
    private static final int SAMPLES = 1500;

    private static final String PROVIDER = "sandbox";
    private static final String USER = "the-same-for-all@example.com";

    @Inject
    AgroalDataSource dataSource;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Tenant(String key, String canary, String credential) {}

    private record Asked(Tenant tenant, String call, CompletableFuture<HttpResponse<String>> answer) {}

    /** Grants are replaced meanwhile, so that what is remembered is read again. */
    @Test
    public void aThousandRequestsAtOnceOfTenTenantsWithEqualNamesGetTheirOwn()
            throws IOException, InterruptedException {
        List<Tenant> tenants = tenants();
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Tenant tenant = tenants.get(i % TENANTS);
            String id = "/api/v1/credentials/" + tenant.credential();
            String call = switch (i / TENANTS % 10) {
                case 0 -> "/api/v1/credentials";
                case 1, 2 -> id;
                case 3, 4, 5 -> id + "/token";
                default -> "/api/v1/token?provider=" + PROVIDER + "&user=" + USER;
            };
            all.add(new Asked(
                    tenant, call, http.sendAsync(get(tenant.key(), call), HttpResponse.BodyHandlers.ofString())));
            if (i % 100 == 50) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> store(tenant.key(), tenant.canary()).statusCode() == 200);
            }
        }

        for (Asked asked : all) {
            HttpResponse<String> answer = asked.answer().join();
            for (int i = 0; i < 1_000 && answer.statusCode() == 503; i++) { // the database was too busy
                answer = http.send(get(asked.tenant().key(), asked.call()), HttpResponse.BodyHandlers.ofString());
            }
            String body = answer.body();
            assertThat(answer.statusCode()).as(asked.call() + body).isEqualTo(200);
            assertThat(body).as(asked.call()).contains(asked.tenant().canary());
            tenants.stream()
                    .filter(other -> !other.equals(asked.tenant()))
                    .forEach(other -> assertThat(body).doesNotContain(other.canary(), other.credential()));
        }
    }

    /** Ignores the slowest ten of each hundred measurements, which depend on the machine. */
    @Test
    public void aForeignCredentialTakesAsLongAsAMissingOne() throws IOException, InterruptedException {
        Tenant owner = tenants().getFirst();
        String stranger = Api.newTenant();
        List<Long> foreign = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        for (int i = 0; i < SAMPLES + 200; i++) {
            // alternating, each of both first every other time, so that what slows the machine down slows both
            boolean foreignFirst = i % 2 == 0;
            for (boolean isForeign : new boolean[] {foreignFirst, !foreignFirst}) {
                String id = isForeign ? owner.credential() : UUID.randomUUID().toString();
                long took = timed(get(stranger, "/api/v1/credentials/" + id + "/token"));
                if (i >= 200) {
                    (isForeign ? foreign : missing).add(took);
                }
            }
        }

        Welch test = Welch.of(foreign, missing, 0.9);
        System.out.printf("foreign and missing credentials, %d samples each: %s%n", SAMPLES, test);
        // one more statement, or an unsealing, is more than a quarter; what this machine does meanwhile is less
        assertThat(test.ratio()).isBetween(0.8, 1.25);
    }

    @Test
    public void aForeignCredentialAndAMissingOneAreToldInTheSameWords() {
        Tenant owner = tenants().getFirst();
        String stranger = Api.newTenant();
        for (String path : List.of("", "/token", "/usage")) {
            Response foreign = Api.as(stranger).get("/api/v1/credentials/" + owner.credential() + path);
            Response missing = Api.as(stranger).get("/api/v1/credentials/" + UUID.randomUUID() + path);
            assertThat(foreign.statusCode()).as(path).isEqualTo(404);
            assertThat(described(foreign)).as(path).isEqualTo(described(missing));
        }
        for (String path : List.of("/refresh", "/test", "/revoke")) {
            Response foreign = Api.as(stranger).post("/api/v1/credentials/" + owner.credential() + path);
            Response missing = Api.as(stranger).post("/api/v1/credentials/" + UUID.randomUUID() + path);
            assertThat(described(foreign)).as(path).isEqualTo(described(missing));
        }
        Response account = Api.as(stranger).get("/api/v1/token?provider=" + PROVIDER + "&user=" + USER);
        Response nobody = Api.as(stranger).get("/api/v1/token?provider=" + PROVIDER + "&user=nobody@example.com");
        assertThat(described(account)).isEqualTo(described(nobody));
        Api.as(owner.key())
                .get("/api/v1/credentials/" + owner.credential() + "/token")
                .then()
                .statusCode(200);
    }

    /** The tenant and the caller come from the credential; address, method and path from the connection, unless a proxy is configured. */
    @Test
    public void aHeaderThatSaysOtherwiseChangesNothing() {
        Tenant owner = tenants().getFirst();
        String tenant = new TestDatabase(dataSource)
                .one("SELECT tenant_id FROM oauth_credentials WHERE credential_id = '" + owner.credential() + "'");
        String path = "/api/v1/credentials/" + owner.credential();
        String stranger = Api.newTenant();
        Map<String, String> lies = new HashMap<>(Map.of(
                "Forwarded", "for=127.0.0.1;host=evil.example;proto=https",
                "X-Forwarded-Host", "evil.example",
                "X-Forwarded-Proto", "https",
                "X-Forwarded-Prefix", "/evil",
                "X-Forwarded-For", "127.0.0.1",
                "X-Forwarded-Client-Cert", "By=spiffe://evil;Subject=\"CN=admin\"",
                "X-HTTP-Method-Override", "DELETE",
                "X-Original-URL", path + "/revoke",
                "X-Rewrite-URL", path + "/revoke"));
        List.of("X-Tenant", "X-Tenant-Id", "X-Org-Id", "X-User", "X-Forwarded-User", "X-Remote-User", "X-Roles")
                .forEach(header -> lies.put(header, tenant));
        lies.put("X-Method-Override", "DELETE");
        lies.put("X-HTTP-Method", "DELETE");

        lies.forEach((header, value) -> {
            Response asStranger = Api.as(stranger).header(header, value).get(path);
            assertThat(asStranger.statusCode()).as(header).isEqualTo(404);
            assertThat(given().contentType(ContentType.JSON)
                            .header(header, value)
                            .get(path)
                            .statusCode())
                    .as(header + " of nobody")
                    .isEqualTo(401);
        });
        Response all = Api.as(owner.key()).headers(lies).get(path);
        all.then().statusCode(200);
        assertThat(all.<String>path("status")).isEqualTo("active");
        Response session = Api.as(owner.key())
                .headers(lies)
                .header("Host", "evil.example")
                .body(Map.of("provider", PROVIDER, "user", USER))
                .post("/api/v1/connect-sessions");
        assertThat(session.statusCode()).isEqualTo(201);
        assertThat(session.<String>path("url")).startsWith(Api.publicUrl() + "/");
        assertThat(session.header("Location") + session.asString()).doesNotContain("evil");
        Api.as(owner.key()).get(path + "/token").then().statusCode(200);
    }

    @Test
    public void twoCredentialsAreOneTooMany() {
        Tenant owner = tenants().getFirst();
        String stranger = Api.newTenant();
        String path = "/api/v1/credentials/" + owner.credential();
        for (List<String> keys : List.of(List.of(owner.key(), stranger), List.of(stranger, owner.key()))) {
            Api.assertProblem(
                    given().header("Authorization", "Bearer " + keys.getFirst(), "Bearer " + keys.getLast())
                            .get(path),
                    401,
                    "unauthorized");
            Api.assertProblem(
                    given().header("X-API-Key", keys.getFirst(), keys.getLast()).get(path), 401, "unauthorized");
            Api.assertProblem(
                    given().header("X-API-Key", keys.getFirst())
                            .header("Authorization", "Bearer " + keys.getLast())
                            .get(path),
                    401,
                    "unauthorized");
        }
    }

    /** Ten tenants whose users have the same name. */
    private static List<Tenant> tenants() {
        List<Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < TENANTS; i++) {
            String key = Api.newTenant();
            String canary = Api.unique("canary");
            Response stored = store(key, canary);
            stored.then().statusCode(201);
            tenants.add(new Tenant(key, canary, stored.path("id")));
        }
        return tenants;
    }

    private static Response store(String key, String canary) {
        Map<String, Object> grant = Api.grant("user", USER);
        grant.put("access_token", canary + "-" + UUID.randomUUID());
        grant.put("metadata", Map.of("canary", canary));
        return Api.as(key).body(grant).post("/api/v1/credentials");
    }

    private static String described(Response answer) {
        return answer.statusCode()
                + answer.headers().asList().stream()
                        .map(Object::toString)
                        .sorted()
                        .collect(Collectors.joining("\n"))
                + answer.asString();
    }

    private static HttpRequest get(String key, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + RestAssured.port + path))
                .header("X-API-Key", key)
                .build();
    }

    private long timed(HttpRequest request) throws IOException, InterruptedException {
        long began = System.nanoTime();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(404);
        return System.nanoTime() - began;
    }
}
