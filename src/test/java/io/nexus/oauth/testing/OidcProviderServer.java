package io.nexus.oauth.testing;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The authorization server oidc-provider of npm on loopback, as {@code src/test/oidc-provider/install} installs it. */
public final class OidcProviderServer implements AutoCloseable {

    private static final Path PLACE = Path.of("target/oidc-provider");
    private static final Duration START = Duration.ofMinutes(1);

    private final Process process;
    private final String issuer;

    private OidcProviderServer(Process process, String issuer) {
        this.process = process;
        this.issuer = issuer;
    }

    public static boolean isHere() {
        return Files.exists(PLACE.resolve("node_modules/oidc-provider"));
    }

    /** Starts it and waits until it answers. It keeps everything in memory. Its log stays in its directory. */
    public static OidcProviderServer start() {
        int port = LocalPorts.free();
        try {
            OidcProviderServer server = new OidcProviderServer(
                    new ProcessBuilder("node", "server.mjs", String.valueOf(port))
                            .directory(PLACE.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(PLACE.resolve("test.log").toFile())
                            .start(),
                    "http://127.0.0.1:" + port);
            server.awaitReady();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        try {
            Awaitility.await()
                    .atMost(START)
                    .ignoreExceptionsMatching(e -> e instanceof ConnectException && process.isAlive())
                    .until(() -> given().get(issuer + "/jwks").statusCode() == 200);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public String issuer() {
        return issuer;
    }

    /** Registers a client with {@code redirectUri} and a secret (RFC 7591). */
    public Client register(String redirectUri) {
        Response made = given().contentType(ContentType.JSON)
                .body(Map.of(
                        "redirect_uris", List.of(redirectUri),
                        "grant_types", List.of("authorization_code", "refresh_token", "client_credentials"),
                        "token_endpoint_auth_method", "client_secret_basic"))
                .post(issuer + "/reg");
        made.then().statusCode(201);
        return new Client(made.jsonPath().getMap(""));
    }

    /** Whether the userinfo endpoint takes {@code token}. */
    public Response userinfo(String token) {
        return given().auth().oauth2(token).get(issuer + "/me");
    }

    /**
     * A registered client.
     *
     * @param metadata its metadata as the server answered
     */
    public record Client(Map<String, Object> metadata) {

        public String id() {
            return text("client_id");
        }

        public String secret() {
            return text("client_secret");
        }

        private String text(String name) {
            return String.valueOf(metadata.get(name));
        }

        /** Changes the registration (RFC 7592 section 2.2). */
        public void change(Map<String, Object> fields) {
            Map<String, Object> next = new HashMap<>(metadata);
            List.of(
                            "registration_access_token",
                            "registration_client_uri",
                            "client_secret_expires_at",
                            "client_id_issued_at")
                    .forEach(next::remove);
            next.putAll(fields);
            given().auth()
                    .oauth2(text("registration_access_token"))
                    .contentType(ContentType.JSON)
                    .body(next)
                    .put(text("registration_client_uri"))
                    .then()
                    .statusCode(200);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
