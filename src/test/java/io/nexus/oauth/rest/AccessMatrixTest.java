package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Who may do what, as one table. A route that is not in it fails. */
@QuarkusTest
class AccessMatrixTest {

    private static final String READER = "token-reader";
    private static final String CONNECTOR = "connector";
    private static final String TENANT_ADMIN = "tenant-admin";
    private static final String ADMIN = "admin";
    private static final String AUDITOR = "auditor";

    /**
     * @param call method and path
     * @param admitted what who may call it gets, for things that do not exist and for bodies that say nothing
     * @param roles who may call it
     */
    private record Route(String call, int admitted, Set<String> roles) {
        String method() {
            return call.split(" ")[0];
        }

        String path(String id) {
            return call.split(" ")[1].replace("{id}", id).replace("{provider}", "nobody");
        }
    }

    private static final List<Route> ROUTES = List.of(
            route("GET /api/v1/token", 400, READER),
            route("GET /api/v1/credentials/{id}/token", 404, READER),
            route("POST /api/v1/credentials/{id}/rejected", 404, READER),
            route("GET /api/v1/credentials", 200, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials", 400, CONNECTOR),
            route("GET /api/v1/credentials/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("DELETE /api/v1/credentials/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/refresh", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/test", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/revoke", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/connect-sessions", 400, CONNECTOR),
            route("GET /api/v1/connect-sessions/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("GET /api/v1/clients", 200, TENANT_ADMIN, ADMIN),
            route("GET /api/v1/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("PUT /api/v1/clients/{provider}", 400, TENANT_ADMIN, ADMIN),
            route("DELETE /api/v1/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("GET /api/v1/providers", 200, ADMIN, TENANT_ADMIN, CONNECTOR),
            route("GET /api/v1/providers/{id}", 404, ADMIN, TENANT_ADMIN, CONNECTOR),
            route("GET /api/v1/api-keys", 200, ADMIN),
            route("POST /api/v1/api-keys", 400, ADMIN),
            route("DELETE /api/v1/api-keys/{id}", 404, ADMIN),
            route("GET /api/v1/audit", 200, AUDITOR, TENANT_ADMIN),
            route("GET /api/v1/audit/export", 200, AUDITOR),
            route("POST /api/v1/audit/lookup", 400, AUDITOR),
            route("GET /api/v1/audit/verify", 200, AUDITOR));

    @Test
    void everyRouteIsInTheTable() {
        Map<String, Map<String, Object>> paths = openApi().getMap("paths");

        Set<String> published = new TreeSet<>();
        paths.forEach((path, item) -> item.keySet().stream()
                .filter(Set.of("get", "put", "post", "delete", "patch", "options", "head")::contains)
                .forEach(method -> published.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path)));

        assertThat(published)
                .isEqualTo(ROUTES.stream().map(Route::call).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void everyRoleMayDoWhatTheTableSaysAndNothingElse() {
        SoftAssertions all = new SoftAssertions();
        for (String role : Api.ALL_ROLES) {
            String key = Api.key(Api.unique("tenant"), role);
            for (Route route : ROUTES) {
                Response response = call(Api.as(key), route, UUID.randomUUID().toString());
                all.assertThat(response.statusCode())
                        .as("%s as %s: %s", route.call(), role, response.asString())
                        .isEqualTo(route.roles().contains(role) ? route.admitted() : 403);
                if (!route.roles().contains(role)) {
                    Api.assertProblem(response, 403, "forbidden");
                }
            }
        }
        all.assertAll();
    }

    @Test
    void nobodyMayDoAnythingWithoutAKey() {
        for (Route route : ROUTES) {
            Response response = call(
                    given().contentType(ContentType.JSON),
                    route,
                    UUID.randomUUID().toString());
            Api.assertProblem(response, 401, "unauthorized");
            assertThat(response.header("WWW-Authenticate")).startsWith("Bearer");
        }
    }

    @Test
    void anotherTenantFindsNothing() {
        String credential = Api.imported(Api.newTenant(), Api.grant());
        String session = Api.session(Map.of("provider", "sandbox", "user", Api.unique("user")))
                .path("id");
        String stranger = Api.newTenant();
        SoftAssertions all = new SoftAssertions();
        for (Route route :
                ROUTES.stream().filter(r -> r.call().contains("{id}")).toList()) {
            String id = route.call().contains("sessions") ? session : credential;
            all.assertThat(call(Api.as(stranger), route, id).statusCode())
                    .as(route.call())
                    .isEqualTo(404);
        }
        all.assertAll();
    }

    @Test
    void anotherTenantsListsAreEmpty() {
        Api.imported(Api.newTenant(), Api.grant());
        Api.admin()
                .body(Map.of("client_id", "mine"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        String stranger = Api.newTenant();

        assertThat(Api.as(stranger).get("/api/v1/audit").<List<String>>path("items.operation"))
                .containsExactly("api_key_issued"); // the stranger's own
        for (String list : List.of("/api/v1/credentials", "/api/v1/clients")) {
            assertThat(Api.as(stranger).get(list).<List<?>>path("items"))
                    .as(list)
                    .isEmpty();
        }
        Api.admin().delete("/api/v1/clients/zoom").then().statusCode(204);
    }

    /** The tenant comes from the key: there is nothing else to believe. */
    @Test
    void noHeaderMovesACallerIntoAnotherTenant() {
        String theirs = Api.unique("tenant");
        String credential = Api.imported(Api.key(theirs, Api.ALL_ROLES), Api.grant());

        for (String header : List.of("X-Tenant", "X-Tenant-Id", "X-User", "X-Forwarded-User", "X-Forwarded-For")) {
            Api.as(Api.newTenant())
                    .header(header, theirs)
                    .get("/api/v1/credentials/" + credential)
                    .then()
                    .statusCode(404);
        }
    }

    @Test
    void theSameAccountOfTwoTenantsIsTwoCredentials() {
        String one = Api.newTenant();
        String two = Api.newTenant();
        Map<String, Object> grant = Api.grant();
        String first = Api.imported(one, grant);
        Map<String, Object> other = new HashMap<>(grant);
        other.put("access_token", "of-the-other");
        String second = Api.imported(two, other);

        assertThat(first).isNotEqualTo(second);
        assertThat(token(one, grant).<String>path("access_token")).isEqualTo(grant.get("access_token"));
        assertThat(token(two, grant).<String>path("access_token")).isEqualTo("of-the-other");
    }

    @Test
    void noAnswerHasAPlaceForASecret() {
        JsonPath document = openApi();
        Map<String, Map<String, Object>> schemas = document.getMap("components.schemas");
        Set<String> answers = answers(document, schemas);

        assertThat(answers).contains("TokenView", "CredentialView", "ClientView", "ApiKeyView", "Problem");
        for (String name : answers) {
            assertThat(properties(schemas, name))
                    .as(name)
                    .doesNotContain(
                            "refresh_token",
                            "client_secret",
                            "second_client_secret",
                            "encrypted_refresh_token",
                            "code_verifier");
        }
        assertThat(properties(schemas, "CredentialView")).doesNotContain("access_token");
    }

    @Test
    void everyTokenIsNeverCached() {
        String key = Api.newTenant();
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);

        for (Response response : List.of(token(key, grant), Api.as(key).get("/api/v1/credentials/" + id + "/token"))) {
            response.then().statusCode(200).header("Cache-Control", "no-store").header("Pragma", "no-cache");
            assertThat(response.<Map<String, Object>>path("")).doesNotContainKey("refresh_token");
        }
    }

    private static Response token(String key, Map<String, Object> grant) {
        return Api.as(key)
                .queryParam("provider", grant.get("provider"))
                .queryParam("user", grant.get("user"))
                .get("/api/v1/token");
    }

    private static Response call(RequestSpecification request, Route route, String id) {
        boolean body = Set.of("POST", "PUT").contains(route.method());
        String text = route.call().endsWith("/rejected") ? "{\"version\": 1}" : "{}";
        return (body ? request.body(text) : request).request(route.method(), route.path(id));
    }

    private static JsonPath openApi() {
        return Api.management()
                .queryParam("format", "json")
                .get("/openapi")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    /** The schemas that answers refer to, directly or through others. */
    private static Set<String> answers(JsonPath document, Map<String, Map<String, Object>> schemas) {
        Map<String, Map<String, Map<String, Object>>> paths = document.getMap("paths");
        Deque<String> open = new ArrayDeque<>(Set.of("TokenView", "Problem"));
        paths.values()
                .forEach(item -> item.values().stream()
                        .filter(Map.class::isInstance)
                        .forEach(operation -> open.addAll(references(operation.get("responses")))));
        Set<String> found = new HashSet<>();
        while (!open.isEmpty()) {
            String name = open.pop();
            if (found.add(name) && schemas.containsKey(name)) {
                open.addAll(references(schemas.get(name)));
            }
        }
        return found;
    }

    private static Set<String> references(Object part) {
        return java.util.regex.Pattern.compile("#/components/schemas/(\\w+)")
                .matcher(String.valueOf(part))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    @SuppressWarnings("unchecked")
    private static Set<String> properties(Map<String, Map<String, Object>> schemas, String name) {
        Map<String, Object> schema = schemas.getOrDefault(name, Map.of());
        return ((Map<String, Object>) schema.getOrDefault("properties", Map.of())).keySet();
    }

    private static Route route(String call, int admitted, String... roles) {
        return new Route(call, admitted, Set.of(roles));
    }
}
