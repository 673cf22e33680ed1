package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.web.Visitor;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.ws.rs.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The permissions of each role and kind of caller, as one table. A route that is missing in the table fails the test. */
@QuarkusTest
class AccessMatrixTest {

    private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD");

    /**
     * Routes without callers: the connect pages, which use one-time secrets, the sandbox of local mode, and the token endpoints, which
     * authenticate their clients by themselves.
     */
    private static final Set<String> OPEN = Set.of(
            "GET /.well-known/oauth-authorization-server",
            "POST /oauth2/token",
            "POST /oauth2/token/{provider}",
            "GET /",
            "GET /ui/sign-in",
            "POST /ui/sign-in",
            "GET /ui/sign-in/{issuer}",
            "GET /ui/signed-in/{issuer}",
            "GET /ui/signed-out/{issuer}",
            "GET /connect/{link}",
            "GET /connect/{link}/start",
            "HEAD /connect/{link}/start",
            "GET /callback/{provider}",
            "HEAD /callback/{provider}",
            "GET /connect/result/{session}",
            "GET /connect/result/{session}/again",
            "HEAD /connect/result/{session}/again",
            "GET /assets/theme/{file}",
            "GET /connect/accounts",
            "GET /connect/accounts/open/{link}",
            "GET /connect/accounts/{id}/end",
            "POST /connect/accounts/{id}/end",
            "POST /connect/accounts/{id}/again",
            "GET /connect/accounts/leave",
            "GET /jwks/{id}",
            "GET /sandbox/ping",
            "GET /sandbox/authorize",
            "POST /sandbox/authorize",
            "POST /sandbox/token",
            "POST /sandbox/revoke",
            "GET /sandbox",
            "GET /sandbox/style.css",
            "GET /sandbox/.well-known/openid-configuration",
            "GET /sandbox/userinfo");

    private static final String READER = "token-reader";
    private static final String EXCHANGER = "token-exchanger";
    private static final String CONNECTOR = "connector";
    private static final String TENANT_ADMIN = "tenant-admin";
    private static final String ADMIN = "admin";
    private static final String AUDITOR = "auditor";
    private static final String EXPORTER = "exporter";

    private TestIssuer issuer;

    @Inject
    Pool pool;

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
            return call.split(" ")[1]
                    .replace("{id}", id)
                    .replace("{provider}", "nobody")
                    .replace("{name}", "nobody")
                    .replace("{tenant}", "shredded-by-the-matrix");
        }

        /** What a caller with {@code role} gets. */
        int expected(String role) {
            return roles.contains(role) ? admitted : 403;
        }

        /** Whether the route needs the role for all tenants. */
        boolean isOfAllTenants() {
            return call.contains("/policies")
                    || call.contains("/provider-health")
                    || call.contains("/v1/keys")
                    || call.contains("/tenants/")
                    || call.endsWith("/audit/verify");
        }

        /** What a key with {@code role} gets: its roles count in one tenant, but for that of an admin. */
        int expectedByKey(String role) {
            return isOfAllTenants() && !role.equals(ADMIN) ? 403 : expected(role);
        }
    }

    private static final List<Route> ROUTES = List.of(
            route("GET /api/v1/token", 400, READER),
            route("GET /api/v1/credentials/{id}/token", 404, READER),
            route("POST /api/v1/credentials/{id}/rejected", 404, READER),
            route("GET /api/v1/overview", 200, CONNECTOR, TENANT_ADMIN),
            route("GET /api/v1/credentials", 200, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials", 400, CONNECTOR),
            route("POST /api/v1/credentials/export", 400, EXPORTER),
            route("GET /api/v1/credentials/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("DELETE /api/v1/credentials/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("GET /api/v1/credentials/{id}/usage", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/refresh", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/test", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/credentials/{id}/revoke", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/connect-sessions", 400, CONNECTOR),
            route("GET /api/v1/connect-sessions/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /api/v1/account-links", 400, CONNECTOR),
            route("GET /api/v1/clients", 200, TENANT_ADMIN, ADMIN),
            route("GET /api/v1/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("PUT /api/v1/clients/{provider}", 400, TENANT_ADMIN, ADMIN),
            route("POST /api/v1/clients/{provider}/keys", 404, TENANT_ADMIN, ADMIN),
            route("DELETE /api/v1/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("GET /api/v1/providers", 200, ADMIN, TENANT_ADMIN, CONNECTOR),
            route("GET /api/v1/providers/{id}", 404, ADMIN, TENANT_ADMIN, CONNECTOR),
            route("GET /api/v1/provider-health", 200, ADMIN),
            route("GET /api/v1/api-keys", 200, ADMIN),
            route("POST /api/v1/api-keys", 400, ADMIN),
            route("DELETE /api/v1/api-keys/{id}", 404, ADMIN),
            route("GET /api/v1/keys", 200, ADMIN),
            route("POST /api/v1/keys/rotate", 202, ADMIN),
            route("GET /api/v1/tenants", 200, READER, EXCHANGER, CONNECTOR, TENANT_ADMIN, ADMIN, AUDITOR, EXPORTER),
            route("GET /api/v1/tenants/{tenant}", 200, ADMIN),
            route("POST /api/v1/tenants/{tenant}/shred", 200, ADMIN),
            route("GET /api/v1/policies", 200, ADMIN),
            route("PUT /api/v1/policies/{name}", 400, ADMIN),
            route("DELETE /api/v1/policies/{name}", 404, ADMIN),
            route("GET /api/v1/audit", 200, AUDITOR, TENANT_ADMIN),
            route("GET /api/v1/audit/export", 200, AUDITOR),
            route("POST /api/v1/audit/lookup", 400, AUDITOR),
            route("GET /api/v1/audit/verify", 200, AUDITOR));

    /** The pages of signed-in callers. Forms contain only their token. The last one signs out. */
    private static final List<Route> PAGES = List.of(
            route("GET /ui", 200, READER, EXCHANGER, CONNECTOR, TENANT_ADMIN, ADMIN, AUDITOR, EXPORTER),
            route("GET /ui/credentials", 200, CONNECTOR, TENANT_ADMIN),
            route("GET /ui/credentials/{id}", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /ui/credentials/{id}/test", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /ui/credentials/{id}/refresh", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /ui/credentials/{id}/revoke", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /ui/credentials/selected/{name}", 404, CONNECTOR, TENANT_ADMIN),
            route("POST /ui/connect/{id}", 404, CONNECTOR),
            route("GET /ui/connect", 200, CONNECTOR),
            route("POST /ui/connect", 400, CONNECTOR),
            route("GET /ui/machine-connections", 200, CONNECTOR),
            route("POST /ui/machine-connections", 400, CONNECTOR),
            route("GET /ui/providers", 200, ADMIN, TENANT_ADMIN, CONNECTOR),
            route("GET /ui/clients", 200, TENANT_ADMIN, ADMIN),
            route("GET /ui/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("POST /ui/clients/{provider}", 404, TENANT_ADMIN, ADMIN),
            route("POST /ui/clients/{provider}/keys", 404, TENANT_ADMIN, ADMIN),
            route("POST /ui/clients/{provider}/delete", 400, TENANT_ADMIN, ADMIN),
            route("GET /ui/connect/links/{id}", 404, CONNECTOR),
            route("GET /ui/audit", 200, AUDITOR, TENANT_ADMIN),
            route("GET /ui/audit/export", 200, AUDITOR),
            route("GET /ui/api-keys", 200, ADMIN),
            route("GET /ui/api-keys/new", 200, ADMIN),
            route("POST /ui/api-keys", 400, ADMIN),
            route("GET /ui/api-keys/{id}/revoke", 404, ADMIN),
            route("POST /ui/api-keys/{id}/revoke", 404, ADMIN),
            route("GET /ui/policies", 200, ADMIN),
            route("GET /ui/policies/form/new", 200, ADMIN),
            route("POST /ui/policies", 400, ADMIN),
            route("GET /ui/policies/{name}", 404, ADMIN),
            route("GET /ui/policies/{name}/edit", 404, ADMIN),
            route("POST /ui/policies/{name}/delete", 400, ADMIN),
            route("GET /ui/tenant", 200, READER, EXCHANGER, CONNECTOR, TENANT_ADMIN, ADMIN, AUDITOR, EXPORTER),
            route("GET /ui/tenants", 200, ADMIN),
            route("GET /ui/tenants/{tenant}", 200, ADMIN),
            route("POST /ui/tenants/{tenant}/shred", 400, ADMIN),
            route("GET /ui/health", 200, ADMIN),
            route("GET /ui/keys", 200, ADMIN),
            route("GET /ui/keys/rotation", 200, ADMIN),
            route("POST /ui/keys/rotate", 303, ADMIN),
            route("POST /ui/sign-out", 303, READER, EXCHANGER, CONNECTOR, TENANT_ADMIN, ADMIN, AUDITOR, EXPORTER));

    /** Routes found in the code, so that hidden routes are found, too. */
    @Test
    void everyRouteIsInTheTable() {
        Set<String> table = ROUTES.stream().map(Route::call).collect(Collectors.toCollection(TreeSet::new));
        table.addAll(OPEN);
        PAGES.forEach(page -> table.add(page.call()));

        assertThat(routes()).isEqualTo(table);
    }

    @Test
    void everyRouteOfTheTableIsPublished() {
        Map<String, Map<String, Object>> paths = openApi().getMap("paths");

        Set<String> published = new TreeSet<>();
        paths.forEach((path, item) -> item.keySet().stream()
                .map(method -> method.toUpperCase(Locale.ROOT))
                .filter(METHODS::contains)
                .forEach(method -> published.add(method + " " + path)));

        assertThat(published)
                .isEqualTo(ROUTES.stream().map(Route::call).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void aKeyMayDoWhatTheTableSaysAndNothingElse() {
        SoftAssertions all = new SoftAssertions();
        for (String role : Api.ALL_ROLES) {
            String key = Api.key(Api.unique("tenant"), role);
            ROUTES.forEach(route -> judge(all, route, role + " by key", Api.as(key), route.expectedByKey(role)));
        }
        all.assertAll();
    }

    @Test
    void whoIsSignedInMayDoWhatTheTableSaysAndNothingElse() {
        SoftAssertions all = new SoftAssertions();
        for (String role : Api.ALL_ROLES) {
            Visitor visitor = Visitor.of(Api.unique("tenant"), role);
            for (Route page : PAGES) {
                Response answer = visit(visitor, page, visitor.token());
                all.assertThat(answer.statusCode())
                        .as("%s as %s: %s", page.call(), role, answer.asString())
                        .isEqualTo(page.expected(role));
                all.assertThat(answer.contentType()).as(page.call()).doesNotContain("json");
            }
        }
        all.assertAll();
    }

    /** Another site can make a browser send a form, but does not know its token. */
    @Test
    void aFormWithoutItsTokenChangesNothing() {
        SoftAssertions all = new SoftAssertions();
        Visitor visitor = Visitor.with(Api.newTenant());
        String ofAnother = Visitor.with(Api.newTenant()).token();
        for (Route page :
                PAGES.stream().filter(each -> each.method().equals("POST")).toList()) {
            for (String token : new String[] {null, "", "a".repeat(64), ofAnother}) {
                all.assertThat(visit(visitor, page, token).statusCode())
                        .as("%s with the token %s", page.call(), token)
                        .isEqualTo(403);
            }
        }
        all.assertAll();
        assertThat(visitor.get("/ui").statusCode()).isEqualTo(200);
    }

    @Test
    void whoIsNotSignedInIsSentToWhereThatIsDone() {
        SoftAssertions all = new SoftAssertions();
        String key = Api.newTenant();
        Map<String, RequestSpecification> callers = Map.of(
                "nobody", given(),
                "a key in a header", given().header("X-API-Key", key),
                "a key as a bearer credential", given().header("Authorization", "Bearer " + key),
                "a cookie that nobody was given", given().cookie("nexus-session", "A".repeat(43)),
                "a key as a cookie", given().cookie("nexus-session", key));
        callers.forEach((who, request) -> PAGES.forEach(page -> {
            Response answer = given().spec(request)
                    .redirects()
                    .follow(false)
                    .contentType(page.method().equals("POST") ? "application/x-www-form-urlencoded" : "text/plain")
                    .request(page.method(), page.path(UUID.randomUUID().toString()));
            all.assertThat(answer.statusCode()).as(page.call() + " as " + who).isEqualTo(303);
            all.assertThat(answer.header("Location")).as(page.call()).contains("/ui/sign-in");
        }));
        all.assertAll();
    }

    /** So what the API does needs no token against forged forms. */
    @Test
    void theCookieOfThePagesOpensNothingElse() {
        SoftAssertions all = new SoftAssertions();
        Visitor visitor = Visitor.with(Api.newTenant());
        ROUTES.forEach(route ->
                judge(all, route, "cookie", given().cookies(visitor.cookies()).contentType(ContentType.JSON), 401));
        all.assertAll();
    }

    /** A key with the roles admin and auditor; an admin could issue itself such a key in any tenant. */
    @Test
    void aKeyOfAnAdminWhoAuditsVerifiesTheWholeTrail() {
        Api.as(Api.key(Api.unique("tenant"), ADMIN, AUDITOR))
                .get("/api/v1/audit/verify")
                .then()
                .statusCode(200);
    }

    @Test
    void aTokenMayDoWhatItsClaimsSayAndNothingElse() {
        SoftAssertions all = new SoftAssertions();
        for (String role : Api.ALL_ROLES) {
            String token = issuer.token("alice", Api.unique("tenant"), "nexus:" + role);
            for (Route route : ROUTES) {
                // claims name a tenant, so nobody is an admin of all by them
                int expected = route.isOfAllTenants() ? 403 : route.expected(role);
                judge(all, route, role + " by claims", bearer(token), expected);
            }
        }
        all.assertAll();
    }

    @Test
    void aPolicyGrantsWhatTheTableSaysAndNothingElse() {
        SoftAssertions all = new SoftAssertions();
        String tenant = Api.unique("tenant");
        for (String role : Api.ALL_ROLES) {
            String subject = Api.unique("subject");
            Api.admin()
                    .body(Map.of(
                            "issuer",
                            issuer.url(),
                            "subject",
                            subject,
                            "tenants",
                            List.of("*"),
                            "roles",
                            List.of(role)))
                    .put("/api/v1/policies/" + subject)
                    .then()
                    .statusCode(200);
            String token = issuer.sign(issuer.claims(subject));
            ROUTES.forEach(route -> judge(
                    all, route, role + " by policy", bearer(token).queryParam("tenant", tenant), route.expected(role)));
            Api.admin().delete("/api/v1/policies/" + subject).then().statusCode(204);
        }
        all.assertAll();
    }

    @Test
    void nobodyActsForATenantThatIsNotTheirs() {
        SoftAssertions all = new SoftAssertions();
        String own = Api.unique("tenant");
        String key = Api.key(own, READER, CONNECTOR, TENANT_ADMIN, AUDITOR, EXPORTER);
        String token = issuer.token(
                "alice",
                own,
                "nexus:token-reader",
                "nexus:connector",
                "nexus:tenant-admin",
                "nexus:admin",
                "nexus:auditor",
                "nexus:exporter");
        String theirs = Api.unique("tenant");
        for (Route route : ROUTES) {
            judge(all, route, "key of another tenant", Api.as(key).queryParam("tenant", theirs), 403);
            judge(all, route, "token of another tenant", bearer(token).queryParam("tenant", theirs), 403);
        }
        all.assertAll();
    }

    @Test
    void aCredentialThatIsNotGoodOpensNothing() {
        SoftAssertions all = new SoftAssertions();
        JwtClaims expired = claims();
        expired.setIssuedAt(NumericDate.fromSeconds(1));
        expired.setExpirationTime(NumericDate.fromSeconds(2));
        JwtClaims elsewhere = claims();
        elsewhere.setAudience("somebody-else");
        String key = Api.newTenant();
        Map<String, RequestSpecification> callers = Map.of(
                "nobody", given().contentType(ContentType.JSON),
                "expired token", bearer(issuer.sign(expired)),
                "token for another audience", bearer(issuer.sign(elsewhere)),
                "token of a key that is not the issuer's", bearer(TestIssuer.sign(claims(), TestIssuer.ec())),
                "expired key", Api.as(expiredKey()),
                "key with another end", Api.as(key.substring(0, key.length() - 1) + (key.endsWith("0") ? "1" : "0")),
                "two credentials", Api.as(key).header("Authorization", "Bearer " + key));
        callers.forEach((who, request) -> ROUTES.forEach(route -> judge(all, route, who, request, 401)));
        all.assertAll();
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
            Response foreign = call(Api.as(stranger), route, id);
            Response missing = call(Api.as(stranger), route, UUID.randomUUID().toString());
            all.assertThat(foreign.statusCode()).as(route.call()).isEqualTo(404);
            all.assertThat(foreign.asString()).as(route.call()).isEqualTo(missing.asString());
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

    /** What JAX-RS would serve. */
    private static Set<String> routes() {
        Set<String> routes = new TreeSet<>();
        for (JavaClass type : new ClassFileImporter().importPath("target/classes/io/nexus/oauth")) {
            type.tryGetAnnotationOfType(Path.class)
                    .ifPresent(base -> type.getMethods()
                            .forEach(method -> method.getAnnotations().stream()
                                    .map(annotation -> annotation.getRawType().getSimpleName())
                                    .filter(METHODS::contains)
                                    .forEach(verb -> routes.add(verb + " " + path(base, method)))));
        }
        return routes;
    }

    private static String path(Path base, JavaMethod method) {
        String own = method.tryGetAnnotationOfType(Path.class).map(Path::value).orElse("");
        String path = ("/" + base.value() + "/" + own).replaceAll("/+", "/");
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static void judge(SoftAssertions all, Route route, String who, RequestSpecification request, int expected) {
        Response response = call(given().spec(request), route, UUID.randomUUID().toString());
        all.assertThat(response.statusCode())
                .as("%s as %s: %s", route.call(), who, response.asString())
                .isEqualTo(expected);
        if (expected == 403) {
            Api.assertProblem(response, 403, "forbidden");
        }
        if (expected == 401) {
            Api.assertProblem(response, 401, "unauthorized");
            assertThat(response.header("WWW-Authenticate")).startsWith("Bearer");
        }
    }

    private static Response visit(Visitor visitor, Route page, @Nullable String token) {
        String path = page.path(UUID.randomUUID().toString());
        return page.method().equals("GET")
                ? visitor.get(path)
                : visitor.send(path, token == null ? Map.of() : Map.of("form_token", token));
    }

    private static RequestSpecification bearer(String token) {
        return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
    }

    private JwtClaims claims() {
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("org", Map.of("tenant", "default"));
        claims.setClaim("realm_access", Map.of("roles", List.of("nexus:admin", "nexus:token-reader")));
        return claims;
    }

    private String expiredKey() {
        String key = Api.newTenant();
        pool.preparedQuery("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_id = $1")
                .execute(Tuple.of(key.split("_")[1]))
                .await()
                .indefinitely();
        return key;
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
