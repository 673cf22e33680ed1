package io.nexus.oauth.web;

import static io.nexus.oauth.rest.Browser.location;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ReturnUrlIT.TwoAddresses.class)
class ReturnUrlIT implements RunningSchedule {

    /** Two allowed addresses, and links that live for twelve seconds. */
    public static class TwoAddresses implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "nexus.oauth.connect.return-urls", "https://app.example/done,http://localhost:3000/",
                    "nexus.oauth.connect.origins", "https://app.example,https://app.example:8443",
                    "nexus.oauth.connect.lifetime", "12s");
        }
    }

    private final String user = Api.unique("user");
    private final Browser browser = new Browser();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/done",
                "https://app.example/done?step=2",
                "HTTPS://APP.example/done",
                "http://localhost:3000/"
            })
    void goesBackToAnAllowedAddress(String url) {
        Response session = session(url);
        session.then().statusCode(201);

        String destination = location(browser.get(browser.walk(session.path("url"), "alice@example.com")));

        assertThat(destination)
                .isEqualTo(url + (url.contains("?") ? "&" : "?") + "connect_session=" + session.path("id")
                        + "&status=connected");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example/",
                "https://app.example:443",
                "http://app.example",
                "https://evil.example",
                "https://app.example.evil.example",
                "*",
                "null",
                ""
            })
    void reportsToAllowedOriginsOnly(String origin) {
        Response refused = Api.session(Map.of("provider", "sandbox", "user", user, "origin", origin));

        Api.assertProblem(refused, 400, "invalid-request");
        assertThat(refused.<String>path("errors[0].pointer")).isEqualTo("/origin");
    }

    @Test
    void theResultPageForAPopUpLoadsOneScriptOfItsOwn() {
        Response session =
                Api.session(Map.of("provider", "sandbox", "user", user, "origin", "https://app.example:8443"));

        var page = browser.get(location(browser.get(browser.walk(session.path("url"), "alice@example.com"))));

        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .endsWith("; script-src 'self'")
                .contains("default-src 'none'");
        assertThat(page.body())
                .contains(
                        "<script src=\"/assets/connect-result.js\"",
                        "data-origin=\"https://app.example:8443\"",
                        "data-session=\"" + session.path("id") + "\"",
                        "data-status=\"connected\"");
    }

    @Test
    void aReturnUrlAndAnOriginExcludeEachOther() {
        Response refused = Api.session(Map.of(
                "provider", "sandbox",
                "user", user,
                "origin", "https://app.example",
                "return_url", "https://app.example/done"));

        Api.assertProblem(refused, 400, "invalid-request");
    }

    @Test
    void saysThatItFailed() {
        Response session = session("https://app.example/done");

        String callback = browser.answer(browser.depart(session.path("url")), "alice@example.com", "deny");

        assertThat(location(browser.get(callback)))
                .startsWith("https://app.example/done?")
                .endsWith("status=failed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/done",
                "//evil.example",
                "//app.example/done",
                "///evil.example",
                "\\\\evil.example",
                "/\\evil.example",
                "https:evil.example",
                "https:/app.example/done",
                "https:app.example/done",
                "https://evil.example/done",
                "http://app.example/done",
                "https://app.example",
                "https://app.example/",
                "https://app.example/done/",
                "https://app.example/done/more",
                "https://app.example/./done",
                "https://app.example/x/../done",
                "https://app.example/d%6fne",
                "https://app.example%2fdone",
                "https://app.example:443/done",
                "https://app.example:8443/done",
                "http://localhost:3001/",
                "http://localhost/",
                "https://app.example.evil.example/done",
                "https://evil.example#https://app.example/done",
                "https://app.example@evil.example/done",
                "https://user@app.example/done",
                "https://user:password@app.example/done",
                "https://app.example\\@evil.example/done",
                "https://app.example/done#fragment",
                "https://app.example/done#",
                "https://app.example/done\r\nX-Evil: 1",
                "https://app.example/done\nx",
                "https://app.example/done x",
                " https://app.example/done",
                "https://app.example/done ",
                "https://app.ex\u00e4mple/done",
                "https://app\u3002example/done",
                "https://app.example/done\u0000",
                "javascript:alert(1)",
                "javascript://app.example/done%0aalert(1)",
                "data:text/html,x",
                "*"
            })
    void goesNowhereElse(String url) {
        Response refused = session(url);

        Api.assertProblem(refused, 400, "invalid-request");
        assertThat(refused.<String>path("errors[0].pointer")).isEqualTo("/return_url");
    }

    @Test
    void theBrowserCannotChooseTheAddress() {
        Response session = session("https://app.example/done");
        String callback = browser.walk(session.path("url"), "alice@example.com") + "&return_url=https://evil.example"
                + "&redirect_uri=https://evil.example";

        assertThat(location(browser.get(callback))).startsWith("https://app.example/done?");
    }

    @Test
    void aLinkEndsByItself() {
        Response session = session("https://app.example/done");
        String callback = browser.walk(session.path("url"), "alice@example.com");
        assertThat(browser.get(session.path("url")).statusCode()).isEqualTo(200);

        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> browser.get(session.path("url")).statusCode() == 404);

        // the browser that opened it in time has an hour at the provider
        assertThat(location(browser.get(callback))).startsWith("https://app.example/done?");
    }

    private Response session(String returnUrl) {
        return Api.session(Map.of("provider", "sandbox", "user", user, "return_url", returnUrl));
    }
}
