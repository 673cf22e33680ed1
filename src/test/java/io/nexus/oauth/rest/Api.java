package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;

/** Calls the API of the running service. Each answer must be what the OpenAPI document says. */
public final class Api {

    public static final String[] ALL_ROLES = {
        "token-reader", "token-exchanger", "connector", "tenant-admin", "admin", "auditor", "exporter"
    };

    static {
        ContractFilter.install();
    }

    private Api() {}

    /** Requests with the key of local mode: all roles except exporter in the tenant default. */
    public static RequestSpecification admin() {
        return as(bootstrapKey());
    }

    public static RequestSpecification as(String key) {
        return given().header("X-API-Key", key).contentType(ContentType.JSON);
    }

    public static String bootstrapKey() {
        try {
            return Files.readString(Path.of(
                            ConfigProvider.getConfig().getValue("nexus.oauth.access.bootstrap-key-file", String.class)))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new key of {@code tenant}. */
    public static String key(String tenant, String... roles) {
        return admin().body(Map.of("name", "test", "tenant", tenant, "roles", List.of(roles)))
                .post("/api/v1/api-keys")
                .then()
                .statusCode(201)
                .extract()
                .path("key");
    }

    /** A key with all roles in a new tenant. */
    public static String newTenant() {
        return key(unique("tenant"), ALL_ROLES);
    }

    public static String unique(String name) {
        return name + "-" + UUID.randomUUID();
    }

    /** A grant of the sandbox for a new user, valid for an hour, without a refresh token. */
    public static Map<String, Object> grant() {
        return new HashMap<>(Map.of(
                "provider",
                "sandbox",
                "user",
                unique("user") + "@example.com",
                "access_token",
                unique("access"),
                "expires_in",
                3600));
    }

    public static Map<String, Object> grant(String field, Object value) {
        Map<String, Object> grant = grant();
        grant.put(field, value);
        return grant;
    }

    /** The id of a credential that is imported as {@link #grant()} says. */
    public static String imported(String key, Map<String, Object> grant) {
        return as(key).body(grant)
                .post("/api/v1/credentials")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
    }

    public static Response session(Map<String, Object> wish) {
        return session(bootstrapKey(), wish);
    }

    public static Response session(String key, Map<String, Object> wish) {
        return as(key).body(wish).post("/api/v1/connect-sessions");
    }

    /** The one-time link for {@code user} at the sandbox. */
    public static String link(String user) {
        Response response = session(Map.of("provider", "sandbox", "user", user));
        response.then().statusCode(201).header("Cache-Control", "no-store");
        return response.path("url");
    }

    public static Response token(String provider, String user) {
        return admin().queryParam("provider", provider).queryParam("user", user).get("/api/v1/token");
    }

    public static String publicUrl() {
        return ConfigProvider.getConfig().getValue("nexus.oauth.public-url", String.class);
    }

    public static RequestSpecification management() {
        return given().port(ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class));
    }

    /** The sum of a meter's samples whose labels contain {@code labels}. */
    public static double metric(String name, String... labels) {
        return management()
                .get("/q/metrics")
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .lines()
                .filter(line -> (line.startsWith(name + "{") || line.startsWith(name + " "))
                        && List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** Asserts a problem document (RFC 9457) that reveals no internals of the service. */
    public static Response assertProblem(Response response, int status, String slug) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.<String>path("type")).isEqualTo("urn:nexus-oauth:problem:" + slug);
        assertThat(response.<Integer>path("status")).isEqualTo(status);
        assertThat(response.<String>path("title")).isNotBlank();
        assertThat(response.<String>path("detail")).isNotBlank();
        assertThat(response.asString())
                .doesNotContain("io.nexus", "Exception", "java.", "jakarta.", "com.fasterxml", "\tat ", "org.");
        return response;
    }
}
