package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ProviderResourceTest {

    @Test
    void theCatalogueNamesCallbackVariablesAndRotation() {
        Response list = Api.admin().get("/api/v1/providers");

        list.then()
                .statusCode(200)
                .body("items.id", hasItems("google", "microsoft", "dropbox", "box", "github", "oidc"));
        assertThat(list.<List<String>>path("items.callback"))
                .allMatch(url -> url.startsWith(Api.publicUrl() + "/callback/"));
        Api.admin()
                .get("/api/v1/providers/github")
                .then()
                .body("console", equalTo("https://github.com/settings/developers"));
        Api.admin()
                .get("/api/v1/providers/keycloak")
                .then()
                .statusCode(200)
                .body("name", equalTo("Keycloak"))
                .body("callback", equalTo(Api.publicUrl() + "/callback/keycloak"))
                .body("vars", hasItems("base", "realm"))
                .body("console", nullValue())
                .body("rotation", equalTo("maybe"));
    }

    @Test
    void registeredIsWhatTheTenantRegistered() {
        String key = Api.newTenant();
        Api.as(key).get("/api/v1/providers/github").then().body("registered", equalTo(false));

        Api.as(key)
                .body(Map.of("client_id", "mine"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);

        Api.as(key).get("/api/v1/providers/github").then().body("registered", equalTo(true));
        Api.admin().get("/api/v1/providers/github").then().body("registered", equalTo(false));
        Api.admin().get("/api/v1/providers/sandbox").then().body("registered", equalTo(true));
    }
}
