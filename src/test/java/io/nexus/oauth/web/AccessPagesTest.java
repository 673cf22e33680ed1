package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages that decide who may call the service: API keys, policies and tenants. Over plain HTTP, without scripts. */
@QuarkusTest
class AccessPagesTest {

    private static final Pattern KEY = Pattern.compile("nxo_[a-f0-9]{12}_[A-Za-z0-9_-]{43}_[a-f0-9]{8}");

    @Inject
    AgroalDataSource dataSource;

    private final String tenant = Api.unique("tenant");

    @Test
    void aKeyIsShownOnceAndInNoAddress() {
        Visitor admin = Visitor.of(tenant, "admin");
        assertThat(admin.get("/ui/api-keys/new?for=reader").asString())
                .contains("name=\"role.token-reader\" value=\"yes\" checked")
                .doesNotContain("name=\"role.admin\" value=\"yes\" checked");

        Response made = admin.post(
                "/ui/api-keys", Map.of("name", "mail-worker", "role.token-reader", "yes", "expires_in", "604800"));

        assertThat(made.statusCode()).isEqualTo(200);
        assertThat(made.header("Cache-Control")).isEqualTo("no-store");
        assertThat(made.header("Location")).isNull();
        Matcher found = KEY.matcher(made.asString());
        assertThat(found.find()).isTrue();
        String key = found.group();
        assertThat(made.asString()).contains("/api/v1/token?provider=PROVIDER", "Bearer " + key);
        Api.as(key).get("/api/v1/credentials").then().statusCode(403);
        Api.as(key).get("/api/v1/token?provider=sandbox&user=nobody").then().statusCode(404);
        assertThat(Api.as(Api.key(tenant, "auditor"))
                        .queryParam("operation", "api_key_issued")
                        .get("/api/v1/audit")
                        .<List<String>>path("items.subject"))
                .contains(key.split("_")[1]);
        assertThat(admin.get("/ui/api-keys").asString())
                .contains("mail-worker", "nxo_" + key.split("_")[1] + "_…", "token-reader", "in 6 days")
                .doesNotContain(key);
    }

    @Test
    void aFaultStandsAtItsFieldAndTheRestIsKept() {
        Visitor admin = Visitor.of(tenant, "admin");
        admin.get("/ui/api-keys/new");

        Response refused =
                admin.post("/ui/api-keys", Map.of("name", "", "role.auditor", "yes", "expires_in", "99999999"));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString())
                .contains("No key was created", "aria-describedby=\"name-note name-fault\" aria-invalid=\"true\"")
                .contains("id=\"name-fault\">Name: is required")
                .contains("id=\"expires_in-fault\">Lifetime: must be 60 to")
                .contains("name=\"role.auditor\" value=\"yes\" checked");
        assertThat(admin.post("/ui/api-keys", Map.of("name", "a", "expires_in", ""))
                        .asString())
                .contains("id=\"roles-fault\">Roles: must name at least one of token-reader")
                .doesNotContain("name-fault");
    }

    @Test
    void aKeyIsRevokedAfterAQuestion() {
        String key = Api.key(tenant, "auditor");
        String id = key.split("_")[1];
        Visitor admin = Visitor.of(tenant, "admin");
        assertThat(admin.get("/ui/api-keys/" + id + "/revoke").asString())
                .contains("Revoke the key test?", "get 401 within ten seconds");
        Api.as(key).get("/api/v1/audit").then().statusCode(200);

        Response done = admin.post("/ui/api-keys/" + id + "/revoke", Map.of());

        assertThat(done.header("Location")).endsWith("/ui/api-keys?done=key-revoked");
        Api.as(key).get("/api/v1/audit").then().statusCode(401);
        assertThat(admin.get("/ui/api-keys?done=key-revoked").asString())
                .contains("The API key is revoked")
                .doesNotContain(id);
        assertThat(admin.get("/ui/api-keys?show=all").asString()).contains(id, ">revoked<");
        assertThat(admin.get("/ui/api-keys/" + id + "/revoke").statusCode()).isEqualTo(404);
    }

    @Test
    void aKeyOfAnotherTenantIsNeitherShownNorRevoked() {
        String theirs = Api.key(Api.unique("tenant"), "auditor");
        String id = theirs.split("_")[1];
        Visitor admin = Visitor.of(tenant, "admin");

        assertThat(admin.get("/ui/api-keys?show=all").asString()).doesNotContain(id);
        assertThat(admin.post("/ui/api-keys/" + id + "/revoke", Map.of()).statusCode())
                .isEqualTo(404);
        Api.as(theirs).get("/api/v1/audit").then().statusCode(200);
    }

    @Test
    void aPolicyIsStoredShownInWordsChangedAndDeleted() {
        Visitor admin = Visitor.of(tenant, "admin");
        String name = Api.unique("policy");
        assertThat(admin.get("/ui/policies/form/new?for=reader").asString())
                .contains("name=\"role.token-reader\" value=\"yes\" checked", "value=\"" + tenant + "\"");
        Map<String, String> form = new HashMap<>(Map.of(
                "name", name,
                "issuer", "https://login.example.com",
                "subject", "svc-mail",
                "tenants", tenant + ", other",
                "role.token-reader", "yes",
                "providers", "google",
                "users", "alice@example.com\r\nbob smith",
                "scopes", ""));

        assertThat(admin.post("/ui/policies", form).header("Location"))
                .endsWith("/ui/policies/" + name + "?done=policy-saved");

        Map<String, Object> stored = policy(name);
        assertThat(stored)
                .containsEntry("tenants", List.of(tenant, "other"))
                .containsEntry("roles", List.of("token-reader"))
                .containsEntry("providers", List.of("google"))
                .containsEntry("users", List.of("alice@example.com", "bob smith"))
                .containsEntry("scopes", null);
        assertThat(admin.get("/ui/policies/" + name).asString())
                .contains("a token of <code>https://login.example.com</code>", "get access tokens", "bob smith");
        assertThat(admin.get("/ui/policies").asString()).contains(name, "limited");

        // a new policy does not replace one that is there
        Response taken = admin.post("/ui/policies", form);
        assertThat(taken.statusCode()).isEqualTo(400);
        assertThat(taken.asString()).contains("id=\"name-fault\">Name: a stored policy has this name");

        admin.get("/ui/policies/" + name + "/edit");
        form.putAll(Map.of("stored", "yes", "providers", "", "users", ""));
        assertThat(admin.post("/ui/policies", form).statusCode()).isEqualTo(303);
        assertThat(policy(name)).containsEntry("providers", null).containsEntry("users", null);

        admin.get("/ui/policies/" + name);
        assertThat(admin.post("/ui/policies/" + name + "/delete", Map.of("confirm", "x"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(admin.post("/ui/policies/" + name + "/delete", Map.of("confirm", name))
                        .header("Location"))
                .endsWith("/ui/policies?done=policy-deleted");
        assertThat(admin.get("/ui/policies/" + name).statusCode()).isEqualTo(404);
    }

    /** Its row may be forged, so nothing of it is shown; the way out is to store it anew. */
    @Test
    void aRefusedPolicyIsStoredAnewUnderItsName() {
        Visitor admin = Visitor.of(tenant, "admin");
        String name = Api.unique("policy");
        Map<String, String> form = Map.of(
                "name", name,
                "issuer", "https://login.example.com",
                "subject", "svc-mail",
                "tenants", tenant,
                "role.connector", "yes");
        admin.get("/ui/policies/form/new");
        assertThat(admin.post("/ui/policies", form).statusCode()).isEqualTo(303);
        new TestDatabase(dataSource)
                .run(
                        "UPDATE access_policies SET document = replace(document, 'connector', 'exporter') WHERE policy_name = '"
                                + name + "'");
        assertThat(admin.get("/ui/policies/" + name).asString())
                .contains("store it anew under the same name")
                .doesNotContain("exporter");
        assertThat(admin.get("/ui/policies/" + name + "/edit").statusCode()).isEqualTo(404);

        admin.get("/ui/policies/form/new");
        assertThat(admin.post("/ui/policies", form).statusCode()).isEqualTo(303);

        assertThat(policy(name)).containsEntry("state", "active").containsEntry("roles", List.of("connector"));
        Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
    }

    @Test
    void aPolicyNamedAsTheFormHasAPage() {
        Visitor admin = Visitor.of(tenant, "admin");
        Map<String, Object> policy = Map.of(
                "issuer",
                "https://login.example.com",
                "subject",
                "svc-mail",
                "tenants",
                List.of(tenant),
                "roles",
                List.of("connector"));
        for (String name : List.of("new", "form")) {
            Api.admin().body(policy).put("/api/v1/policies/" + name).then().statusCode(200);

            assertThat(admin.get("/ui/policies/" + name).asString()).contains("<h1>" + name + "</h1>", "svc-mail");
            assertThat(admin.get("/ui/policies/" + name + "/edit").asString()).contains("svc-mail");

            Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204);
        }
    }

    private static Map<String, Object> policy(String name) {
        return Api.admin()
                .get("/api/v1/policies")
                .jsonPath()
                .param("name", name)
                .getMap("items.find { it.name == name }");
    }

    @Test
    void theFaultsOfAPolicyStandAtTheirFields() {
        Visitor admin = Visitor.of(tenant, "admin");
        admin.get("/ui/policies/form/new");

        String refused = admin.post(
                        "/ui/policies",
                        Map.of(
                                "name", "a b",
                                "issuer", "",
                                "subject", "*****",
                                "tenants", "* acme",
                                "role.admin", "yes",
                                "providers", "google"))
                .then()
                .statusCode(400)
                .extract()
                .asString();

        assertThat(refused)
                .contains("Nothing was stored")
                .contains("id=\"name-fault\">Name: must be 1 to 64 letters")
                .contains("id=\"issuer-fault\">Issuer: is required")
                .contains("id=\"subject-fault\">Subject: must have 4 stars at most")
                .contains("id=\"tenants-fault\">Tenants: must have * alone")
                .contains("id=\"roles-fault\">Roles: must not have admin together with")
                .contains("value=\"* acme\"", "aria-describedby=\"issuer-note issuer-fault\" aria-invalid=\"true\"");
    }

    @Test
    void theListOfTenantsIsSearchedAndTurned() {
        String prefix = "T" + UUID.randomUUID().toString().substring(0, 8);
        for (int i = 0; i < 52; i++) {
            Api.key("%s-%02d".formatted(prefix, i), "auditor");
        }
        Api.imported(Api.key(prefix + "-51", Api.ALL_ROLES), Api.grant());
        Visitor admin = Visitor.of(tenant, "admin");

        String first =
                admin.get("/ui/tenants?name=" + prefix.toLowerCase(Locale.ROOT)).asString();

        assertThat(first).contains(prefix + "-00", prefix + "-49", "Next page").doesNotContain(prefix + "-50");
        Matcher next =
                Pattern.compile("href=\"(/ui/tenants\\?[^\"]*cursor=[^\"]*)\"").matcher(first);
        assertThat(next.find()).isTrue();
        assertThat(admin.get(next.group(1).replace("&amp;", "&")).asString())
                .contains(prefix + "-50", prefix + "-51", "<td data-label=\"Credentials\">1</td>")
                .doesNotContain(prefix + "-49", "Next page");
        assertThat(admin.get("/ui/tenants?name=" + prefix + "x").asString()).contains("No tenant matches");
        assertThat(admin.get("/ui/tenants?name=%25").statusCode()).isEqualTo(400);
        assertThat(admin.get("/ui/tenants?cursor=!").statusCode()).isEqualTo(400);
        assertThat(admin.get("/ui/tenant?next=/ui/clients&name=" + prefix).asString())
                .contains("href=\"/ui/clients?tenant=" + prefix + "-00\"", "More tenants");
        assertThat(admin.get("/ui/tenant?next=https://evil.example/&name=" + prefix)
                        .asString())
                .contains("href=\"/ui?tenant=" + prefix + "-00\"")
                .doesNotContain("evil");
    }

    /** A caller of one tenant learns no other name. */
    @Test
    void theListHasTheTenantsThatTheCallerMayName() {
        Api.key(Api.unique("another"), "auditor");
        for (String role : List.of("token-reader", "connector", "tenant-admin", "auditor", "exporter")) {
            Response list = Api.as(Api.key(tenant, role)).get("/api/v1/tenants");
            assertThat(list.<List<String>>path("items.tenant")).as(role).containsExactly(tenant);
            assertThat(list.<List<Integer>>path("items.credentials")).as(role).containsOnlyNulls();
            assertThat(Visitor.of(tenant, role).get("/ui/tenant").asString())
                    .doesNotContain("another-", "owns nothing yet");
        }
        Response all =
                Api.as(Api.key(tenant, "admin")).queryParam("name", tenant).get("/api/v1/tenants");
        assertThat(all.<List<Integer>>path("items.credentials")).containsExactly(0);
    }

    @Test
    void aTenantIsShreddedOnceItsNameWasTyped() {
        String victim = Api.unique("victim");
        String id = Api.imported(Api.key(victim, Api.ALL_ROLES), Api.grant());
        Visitor admin = Visitor.of(tenant, "admin");
        assertThat(admin.get("/ui/tenants/" + victim).asString())
                .contains(
                        "<dt>Active credentials</dt><dd>1</dd>",
                        "credentials that are not revoked",
                        "cannot be undone");
        String shred = "/ui/tenants/" + victim + "/shred";

        assertThat(admin.post(shred, Map.of("confirm", "another", "force", "yes"))
                        .statusCode())
                .isEqualTo(400);
        Response refused = admin.post(shred, Map.of("confirm", victim));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.asString()).contains("1 credential is not revoked", "not confirmed 0 revocations");
        assertThat(admin.get("/ui/tenants/" + victim).asString()).contains("<dt>Active credentials</dt><dd>1</dd>");

        assertThat(admin.post(shred, Map.of("confirm", victim, "force", "yes")).header("Location"))
                .endsWith("/ui/tenants/" + victim + "?done=tenant-shredded");
        assertThat(admin.get("/ui/tenants/" + victim).asString())
                .contains("<span class=\"chip off\">shredded</span>")
                .doesNotContain("/shred\"");
        Api.as(Api.key(victim, "connector"))
                .get("/api/v1/credentials/" + id)
                .then()
                .statusCode(200);
        assertThat(admin.get("/ui/tenant?name=" + victim).asString()).contains("No tenant matches");
    }

    @Test
    void theHealthPageShowsTheClientThatTheProviderRejects() {
        String key = Api.key(tenant, Api.ALL_ROLES);
        Api.as(key)
                .body(Map.of("client_id", "nexus-test", "client_secret", "CANARY-wrong-secret"))
                .put("/api/v1/clients/orphan")
                .then()
                .statusCode(200);
        Map<String, Object> grant = Api.grant("provider", "orphan");
        grant.put("refresh_token", "CANARY-refresh-token");
        String id = Api.imported(key, grant);
        Api.as(key).post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200);

        String page = Visitor.of(tenant, "admin").get("/ui/health").asString();

        assertThat(page)
                .contains("<span class=\"chip bad\">failing</span>", "<code>invalid_client</code>", "no request passes")
                .contains("href=\"/ui/clients/orphan?tenant=" + tenant + "\"", "% <span class=\"soft\">of the last")
                .doesNotContain("CANARY", (String) grant.get("user"));
        Map<String, Object> health =
                Api.admin().get("/api/v1/provider-health").jsonPath().getMap("items.find { it.provider == 'orphan' }");
        assertThat(health).containsEntry("state", "failing").containsEntry("last_error", "invalid_client");
        assertThat(Visitor.of(tenant, "tenant-admin").get("/ui/health").statusCode())
                .isEqualTo(403);
    }
}
