package io.nexus.oauth.testing;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A Keycloak of its own, from its distribution, on loopback. Its administrator makes realms, clients and users by the admin API. */
public final class KeycloakServer implements AutoCloseable {

    private static final Path PLACE = Path.of(System.getProperty("nexus.keycloak", "target/keycloak"));
    private static final Duration START = Duration.ofMinutes(3);
    private static final String ADMIN = "admin";

    private final Process process;
    private final String base;

    private KeycloakServer(Process process, String base) {
        this.process = process;
        this.base = base;
    }

    /** Where the distribution was unpacked; empty when it is not here. */
    public static Optional<Path> distribution() {
        if (!Files.isDirectory(PLACE)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(PLACE)) {
            return found.filter(path -> Files.exists(path.resolve("bin/kc.sh"))).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it with an empty database in memory, and waits until it answers. Its log stays in the distribution's directory. */
    public static KeycloakServer start(Path distribution) {
        int port = LocalPorts.free();
        ProcessBuilder command = new ProcessBuilder(
                        "bash",
                        "bin/kc.sh",
                        "start-dev",
                        "--db=dev-mem",
                        // else it asks for the keys of a client every ten seconds at most, and refuses a new one
                        // meanwhile
                        "--spi-public-key-storage--infinispan--min-time-between-requests=0",
                        "--http-host=127.0.0.1",
                        "--http-port=" + port,
                        "--http-management-host=127.0.0.1",
                        "--http-management-port=" + LocalPorts.free())
                .directory(distribution.toFile())
                .redirectErrorStream(true)
                .redirectOutput(distribution.resolve("test.log").toFile());
        command.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "KC_BOOTSTRAP_ADMIN_USERNAME",
                        ADMIN,
                        "KC_BOOTSTRAP_ADMIN_PASSWORD",
                        ADMIN,
                        "JAVA_OPTS_KC_HEAP",
                        "-Xmx512m"));
        try {
            KeycloakServer server = new KeycloakServer(command.start(), "http://127.0.0.1:" + port);
            return server.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeycloakServer ready() {
        try {
            awaitReady();
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void awaitReady() {
        Awaitility.await()
                .atMost(START)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptionsMatching(e -> e instanceof ConnectException && process.isAlive())
                .until(() -> given().get(base + "/realms/master").statusCode() == 200);
    }

    /** The address to which {@code /realms/<name>} is added. */
    public String base() {
        return base;
    }

    /** Makes a realm of {@code settings} (a realm representation of its admin API). */
    public void realm(Map<String, Object> settings) {
        created(admin().body(settings).post(base + "/admin/realms"));
    }

    /** Makes a client in {@code realm}. */
    public void client(String realm, Map<String, Object> settings) {
        created(admin().body(settings).post(of(realm, "clients")));
    }

    /** Makes a user whose password is its name. */
    public void user(String realm, String name) {
        created(admin().body(Map.of(
                        "username",
                        name,
                        "enabled",
                        true,
                        "email",
                        name + "@example.com",
                        "emailVerified",
                        true,
                        "firstName",
                        name,
                        "lastName",
                        "Example",
                        "credentials",
                        List.of(Map.of("type", "password", "value", name, "temporary", false))))
                .post(of(realm, "users")));
    }

    /** Changes fields of the client that is called {@code clientId}. */
    public void changeClient(String realm, String clientId, Map<String, Object> fields) {
        String id = admin().queryParam("clientId", clientId)
                .get(of(realm, "clients"))
                .path("[0].id");
        Map<String, Object> client =
                admin().get(of(realm, "clients/" + id)).jsonPath().getMap("");
        client.putAll(fields);
        admin().body(client).put(of(realm, "clients/" + id)).then().statusCode(204);
    }

    /** Makes a role of the client that is called {@code clientId}, and gives it to a user. */
    public void role(String realm, String clientId, String role, String name) {
        String client = admin().queryParam("clientId", clientId)
                .get(of(realm, "clients"))
                .path("[0].id");
        String user =
                admin().queryParam("username", name).get(of(realm, "users")).path("[0].id");
        String roles = of(realm, "clients/" + client + "/roles");
        created(admin().body(Map.of("name", role)).post(roles));
        Map<String, Object> made = admin().get(roles + "/" + role).jsonPath().getMap("");
        admin().body(List.of(made))
                .post(of(realm, "users/" + user + "/role-mappings/clients/" + client))
                .then()
                .statusCode(204);
    }

    /** Ends all grants of a user, those without a session too. */
    public void endGrants(String realm, String name, String clientId) {
        String id = admin().queryParam("username", name).get(of(realm, "users")).path("[0].id");
        admin().delete(of(realm, "users/" + id + "/consents/" + clientId))
                .then()
                .statusCode(204);
    }

    /** What the userinfo endpoint of {@code realm} answers to {@code token}: 200 while it works, 401 afterwards. */
    public Response userinfo(String realm, String token) {
        return given().auth().oauth2(token).get(base + "/realms/" + realm + "/protocol/openid-connect/userinfo");
    }

    private RequestSpecification admin() {
        String token = given().formParam("grant_type", "password")
                .formParam("client_id", "admin-cli")
                .formParam("username", ADMIN)
                .formParam("password", ADMIN)
                .post(base + "/realms/master/protocol/openid-connect/token")
                .path("access_token");
        return given().auth().oauth2(token).contentType(ContentType.JSON);
    }

    private String of(String realm, String what) {
        return base + "/admin/realms/" + realm + "/" + what;
    }

    private static void created(Response response) {
        response.then().statusCode(201);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
