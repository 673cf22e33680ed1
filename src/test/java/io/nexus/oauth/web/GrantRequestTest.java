package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.nexus.oauth.provider.ScriptedServer;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a link asks for beside scopes: resources (RFC 8707) and authorization details (RFC 9396). */
@QuarkusTest
class GrantRequestTest {

    private static final String A = "https://a.example/api";
    private static final String B = "urn:b";
    private static final String RESOURCES = "resource=" + Browser.encode(A) + "&resource=" + Browser.encode(B);

    private final String user = Api.unique("user") + "@example.com";
    private final Browser browser = new Browser();

    @Test
    void isSentKeptAndAskedForAgain() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", ""))
                .at(
                        "/token",
                        ScriptedServer.json(
                                200,
                                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"expires_in\":3600,"
                                        + "\"authorization_details\":[{\"type\":\"payment\",\"limit\":[5]}]}"))
                .at("/userinfo", ScriptedServer.json(200, "{\"sub\":\"" + user + "\"}"))) {
            ConnectFlowTest.registerOauth2(server);
            Response session = Api.session(Map.of(
                    "provider",
                    "oauth2",
                    "user",
                    user,
                    "resource",
                    List.of(A, B),
                    "authorization_details",
                    List.of(Map.of("type", "payment", "amount", 1))));
            String id = connected(session);

            assertThat(tokenBody(server, 0)).contains(RESOURCES, "authorization_details=%5B%7B", "payment");
            credential(id)
                    .then()
                    .body("resource", equalTo(List.of(A, B)))
                    .body("authorization_details[0].limit", equalTo(List.of("5")))
                    .body("metadata", not(hasKey("request.resource")))
                    .body("metadata", not(hasKey("granted.authorization_details")));

            Api.admin().post("/api/v1/credentials/" + id + "/refresh").then().statusCode(200);
            assertThat(tokenBody(server, 1)).contains(RESOURCES).doesNotContain("authorization_details");
            credential(id).then().body("resource", equalTo(List.of(A, B)));

            String again = departed(Map.of("credential_id", id));
            assertThat(again).contains(RESOURCES, "authorization_details=");
            assertThat(departed(Map.of("credential_id", id, "resource", List.of(B))))
                    .contains("resource=" + Browser.encode(B))
                    .doesNotContain(Browser.encode(A), "authorization_details");
            assertThat(departed(Map.of("credential_id", id, "resource", List.of())))
                    .doesNotContain("resource=", "authorization_details");
        }
    }

    private String departed(Map<String, Object> wish) {
        return new Browser().depart(Api.session(wish).path("url"));
    }

    private String connected(Response session) {
        String authorization = browser.depart(session.path("url"));
        assertThat(authorization).contains(RESOURCES, "authorization_details=%5B%7B");
        browser.get(browser.answer(authorization, user, "allow").replace("/callback/sandbox", "/callback/oauth2"));
        Response ended = Api.admin().get("/api/v1/connect-sessions/" + session.path("id"));
        assertThat(ended.<String>path("error")).isNull();
        return ended.path("credential_id");
    }

    private static Response credential(String id) {
        return Api.admin().get("/api/v1/credentials/" + id);
    }

    private static String tokenBody(ScriptedServer server, int number) {
        return server.requests().stream()
                .filter(request -> request.path().equals("/token"))
                .skip(number)
                .findFirst()
                .orElseThrow()
                .body();
    }
}
