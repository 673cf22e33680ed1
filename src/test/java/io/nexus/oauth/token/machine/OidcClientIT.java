package io.nexus.oauth.token.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TcpFaultProxy;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.testing.TestFiles;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Quarkus OIDC client with an authorization server that we did not write, found by discovery. */
@QuarkusTest
@QuarkusTestResource(value = OidcClientIT.Server.class, restrictToAnnotatedClass = true)
class OidcClientIT implements RunningSchedule {

    /** One server, once behind a network that swallows everything. No connection uses the client {@code idle}. */
    public static class Server implements QuarkusTestResourceLifecycleManager {

        private final Map<String, String> settings = new HashMap<>();
        private final String tenant = "people-" + UUID.randomUUID();
        private MockOAuth2Server server;
        private TcpFaultProxy network;

        @Override
        public Map<String, String> start() {
            server = new MockOAuth2Server(OAuth2Config.Companion.fromJson("""
                    {"tokenCallbacks": [{"issuerId": "short", "tokenExpiry": 6, "requestMappings": []}]}"""));
            server.start();
            network = new TcpFaultProxy(server.baseUrl().port());
            network.mode(TcpFaultProxy.Mode.BLACKHOLE);
            String key = file("key.pem", key());
            String basic = "credentials.secret=s3cret";
            client("short", base(), basic);
            client("away", away(), basic);
            client("idle", away(), basic);
            client("direct", base(), basic, "discovery-enabled=false", "token-path=/token");
            client("signed", base(), "credentials.jwt.key-file=" + key);
            client(
                    "platform",
                    base(),
                    "credentials.jwt.source=bearer",
                    "credentials.jwt.token-path=" + file("token", jwt()));
            client(
                    "person",
                    base(),
                    basic,
                    "grant.type=password",
                    "grant-options.password.username=alice",
                    "grant-options.password.password=pw");
            client(
                    "asserted",
                    base(),
                    "scopes=read",
                    "grant.type=jwt",
                    "credentials.jwt.assertion=true",
                    "credentials.jwt.subject=robot",
                    "credentials.jwt.key-file=" + key);
            client(
                    "exchanged",
                    base(),
                    basic,
                    "grant.type=exchange",
                    "grant-options.exchange.subject_token=" + jwt(),
                    "audience=api");
            for (String id : Set.of(
                    "short", "away", "direct", "signed", "platform", "person", "asserted", "exchanged", "nobody")) {
                String at = "nexus.oauth.connections." + id + ".";
                settings.put(at + "provider", "oidc");
                settings.put(at + "user", id);
                settings.put(at + "tenant", tenant);
                settings.put(at + "oidc-client", id);
            }
            settings.put("nexus.oauth.connections.direct.tenant", tenant + "," + tenant + ".others");
            settings.put("oidc-client-it.tenant", tenant);
            return settings;
        }

        private void client(String id, String base, String... values) {
            String at = "quarkus.oidc-client." + id + ".";
            settings.put(at + "auth-server-url", base + id);
            settings.put(at + "client-id", "client-" + id);
            for (String value : values) {
                settings.put(at + value.substring(0, value.indexOf('=')), value.substring(value.indexOf('=') + 1));
            }
        }

        private String base() {
            return "http://127.0.0.1:" + server.baseUrl().port() + "/";
        }

        private String away() {
            return "http://127.0.0.1:" + network.port() + "/";
        }

        private String jwt() {
            return server.issueToken("platform", "pod", "nexus", Map.of()).serialize();
        }

        private static String file(String name, String text) {
            Path file = TestFiles.path("oidc-client", name);
            try {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
                return file.toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String key() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
                return "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void inject(TestInjector injector) {
            injector.injectIntoFields(network, new TestInjector.MatchesType(TcpFaultProxy.class));
        }

        @Override
        public void stop() {
            network.close();
            server.shutdown();
        }
    }

    TcpFaultProxy network;

    @Inject
    AgroalDataSource dataSource;

    private final String tenant = ConfigProvider.getConfig().getValue("oidc-client-it.tenant", String.class);
    private String key;

    @BeforeEach
    void ownKey() {
        key = Api.key(tenant, "token-reader", "connector", "tenant-admin", "auditor");
    }

    /** The service runs, although a server swallowed everything at its start, and nobody asked for the metadata of an idle client. */
    @Test
    void aServerThatDoesNotAnswerStopsNoStart() {
        Api.assertProblem(token("away"), 404, "credential-not-found");
        network.mode(TcpFaultProxy.Mode.PASS);

        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    new TestDatabase(dataSource)
                            .run("UPDATE configured_connections SET next_try_at = clock_timestamp()");
                    return token("away").statusCode() == 200;
                });

        String id = token("away").path("credential_id");
        network.mode(TcpFaultProxy.Mode.BLACKHOLE);
        Api.as(key)
                .post("/api/v1/credentials/" + id + "/refresh")
                .then()
                .statusCode(200)
                .body("version", equalTo(1));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> "provider_error"
                        .equals(Api.as(key).get("/api/v1/credentials/" + id).path("refresh.last_error")));
        token("away").then().statusCode(200).body("version", equalTo(1));
    }

    @Test
    void theScheduleReplacesATokenBeforeItEnds() {
        arrived("short");
        Set<String> seen = new HashSet<>();

        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(250))
                .until(() -> {
                    Response token = token("short");
                    token.then().statusCode(200);
                    assertThat(token.<Integer>path("expires_in")).isPositive();
                    return seen.add(token.path("access_token")) && seen.size() == 4;
                });
    }

    /** The subject of the token tells the grant. */
    @ParameterizedTest
    @CsvSource({
        "direct, client-direct",
        "signed, client-signed",
        "platform, pod",
        "person, alice",
        "asserted, robot",
        "exchanged, pod"
    })
    void eachGrantAndAuthenticationOfTheExtensionWorks(String id, String subject) throws IOException {
        Response token = arrived(id);

        String payload = token.<String>path("access_token").split("\\.")[1];
        JsonNode claims = new ObjectMapper().readTree(Base64.getUrlDecoder().decode(payload));
        assertThat(claims.path("sub").asText()).isEqualTo(subject);
        String credential = token.path("credential_id");
        Api.as(key)
                .post("/api/v1/credentials/" + credential + "/refresh")
                .then()
                .statusCode(200)
                .body("version", equalTo(2));
        Api.as(key)
                .get("/api/v1/credentials/" + credential)
                .then()
                .statusCode(200)
                .body("grant_type", equalTo("client_credentials"))
                .body("client_id", equalTo("quarkus.oidc-client." + id))
                .body("created_by", equalTo("configuration"))
                .body("refreshable", equalTo(true));
        Api.as(key)
                .queryParam("credential_id", credential)
                .get("/api/v1/audit")
                .then()
                .statusCode(200)
                .body("items.actor", hasItem("configuration"));
    }

    @Test
    void aTenantReadsItsOwnConnectionsOnly() {
        String ours = arrived("direct").path("credential_id");
        String other = Api.key(tenant + ".others", "token-reader", "connector");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> token(other, "direct").statusCode() == 200);

        assertThat(token(other, "direct").<String>path("credential_id")).isNotEqualTo(ours);
        Api.assertProblem(token(other, "signed"), 404, "credential-not-found");
        Api.assertProblem(token(Api.newTenant(), "direct"), 404, "credential-not-found");
    }

    @Test
    void noCallerNamesAClientOfTheExtension() {
        Map<String, Object> body = Map.of(
                "provider", "oidc", "user", "greedy", "grant_type", "client_credentials", "oidc_client", "short");

        Api.assertProblem(Api.as(key).body(body).post("/api/v1/credentials"), 400, "invalid-request");
        Api.assertProblem(token("nobody"), 404, "credential-not-found");
    }

    private Response arrived(String user) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(250))
                .until(() -> token(user).statusCode() == 200);
        return token(user);
    }

    private Response token(String user) {
        return token(key, user);
    }

    private static Response token(String key, String user) {
        return Api.as(key)
                .queryParam("provider", "oidc")
                .queryParam("user", user)
                .get("/api/v1/token");
    }
}
