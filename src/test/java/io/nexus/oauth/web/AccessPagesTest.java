package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages that decide who may call the service: API keys, policies and tenants. Over plain HTTP, without scripts. */
@QuarkusTest
class AccessPagesTest {

    private static final Pattern KEY = Pattern.compile("nxo_[a-f0-9]{12}_[A-Za-z0-9_-]{43}_[a-f0-9]{8}");

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
}
