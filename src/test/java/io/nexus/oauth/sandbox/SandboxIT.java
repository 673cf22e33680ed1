package io.nexus.oauth.sandbox;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import io.nexus.oauth.testing.MutableClock;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(SandboxIT.MovableTime.class)
class SandboxIT implements RunningSchedule {

    /** Its own start, with a clock that the test moves. */
    public static class MovableTime implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(MovableClock.class);
        }
    }

    @Alternative
    @Singleton
    static class MovableClock {
        private final MutableClock clock = new MutableClock();

        @Produces
        @Singleton
        Clock clock() {
            return clock;
        }
    }

    @Inject
    Clock clock;

    @Test
    void handsOutRefreshesAndRevokes() {
        Response first = SandboxFlow.exchange(SandboxFlow.code());
        first.then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("token_type", equalTo("Bearer"))
                .body("expires_in", equalTo(120))
                .body("scope", equalTo("openid email profile"));
        SandboxFlow.userinfo(first.path("access_token"))
                .then()
                .statusCode(200)
                .body("email", equalTo("alice@example.com"))
                .body("name", equalTo("Alice"));

        Response second = SandboxFlow.refresh(first.path("refresh_token"));
        second.then().statusCode(200);
        assertThat(second.<String>path("refresh_token")).isNotEqualTo(first.path("refresh_token"));
        assertThat(subject(second)).isEqualTo(subject(first));

        SandboxFlow.revoke(second.path("refresh_token")).then().statusCode(200);
        SandboxFlow.userinfo(second.path("access_token")).then().statusCode(401);
        refused(SandboxFlow.refresh(second.path("refresh_token")), 400, "invalid_grant");
    }

    @Test
    void namesTheClientAndTheScopesOnAPageThatRunsNoScript() {
        SandboxFlow.authorize(SandboxFlow.request())
                .then()
                .statusCode(200)
                .header("Content-Security-Policy", containsString("default-src 'none'"))
                .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
                .header("Cache-Control", "no-store")
                .body(containsString("Nexus OAuth"))
                .body(containsString("profile"));
        given().get("/sandbox/style.css").then().statusCode(200).contentType("text/css");
    }

    @Test
    void answersWithStateAndIssuer() {
        Map<String, String> allowed = SandboxFlow.decide("allow");
        assertThat(allowed).containsEntry("state", "s t&te").containsEntry("iss", issuer());

        Map<String, String> denied = SandboxFlow.decide("deny");
        assertThat(denied)
                .containsEntry("error", "access_denied")
                .containsEntry("state", "s t&te")
                .containsEntry("iss", issuer())
                .doesNotContainKey("code");
    }

    @Test
    void letsOnlyTheAskedBrowserAnswerAndOnlyOnce() {
        Response page = SandboxFlow.authorize(SandboxFlow.request());
        SandboxFlow.answer(page, "allow", "another").then().statusCode(400);

        Response next = SandboxFlow.authorize(SandboxFlow.request());
        SandboxFlow.answer(next, "allow", next.getCookie("nexus_sandbox"))
                .then()
                .statusCode(303);
        SandboxFlow.answer(next, "allow", next.getCookie("nexus_sandbox"))
                .then()
                .statusCode(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/callback/sandbox",
                "ORIGIN/callback/other",
                "ORIGIN/callback/sandbox?next=evil",
                "ORIGIN@evil.example/callback/sandbox",
                "http://127.0.0.1.evil.example/callback/sandbox",
                "javascript:alert(1)",
                ""
            })
    void sendsNobodyToAForeignAddress(String redirect) {
        Map<String, String> request = SandboxFlow.request();
        request.put("redirect_uri", redirect.replace("ORIGIN", SandboxFlow.ORIGIN));

        SandboxFlow.authorize(request)
                .then()
                .statusCode(400)
                .header("Location", equalTo(null))
                .body(containsString("Request refused"));
    }

    @Test
    void acceptsEveryPortOfThisMachine() {
        Map<String, String> request = SandboxFlow.request();
        request.put("redirect_uri", "http://localhost:43210/callback/sandbox");
        SandboxFlow.authorize(request).then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({
        "code_challenge, , invalid_request",
        "code_challenge, short, invalid_request",
        "code_challenge_method, plain, invalid_request",
        "code_challenge_method, , invalid_request",
        "response_type, token, unsupported_response_type",
        "scope, email admin, invalid_scope",
    })
    void answersABadRequestByRedirect(String name, String value, String error) {
        Map<String, String> request = SandboxFlow.request();
        request.put(name, value == null ? "" : value);

        Response response = SandboxFlow.authorize(request);

        response.then().statusCode(303);
        assertThat(SandboxFlow.query(response.getHeader("Location")))
                .containsEntry("error", error)
                .containsEntry("state", "s t&te")
                .containsEntry("iss", issuer());
    }

    @Test
    void refusesAParameterThatIsThereTwice() {
        given().redirects()
                .follow(false)
                .queryParams(SandboxFlow.request())
                .queryParam("redirect_uri", SandboxFlow.REDIRECT)
                .get("/sandbox/authorize")
                .then()
                .statusCode(400);
    }

    @Test
    void refusesAWrongVerifierAndSpendsTheCode() {
        String code = SandboxFlow.code();
        refused(SandboxFlow.exchange(code, SandboxFlow.REDIRECT, "x".repeat(43)), 400, "invalid_grant");
        refused(SandboxFlow.exchange(code), 400, "invalid_grant");
    }

    @Test
    void refusesAnotherRedirectAtTheExchange() {
        refused(
                SandboxFlow.exchange(
                        SandboxFlow.code(),
                        SandboxFlow.REDIRECT.replace("127.0.0.1", "localhost"),
                        SandboxFlow.VERIFIER),
                400,
                "invalid_grant");
    }

    @Test
    void refusesACodeUsedTwiceAndTakesBackWhatItGave() {
        String code = SandboxFlow.code();
        Response tokens = SandboxFlow.exchange(code);

        refused(SandboxFlow.exchange(code), 400, "invalid_grant");

        SandboxFlow.userinfo(tokens.path("access_token")).then().statusCode(401);
        refused(SandboxFlow.refresh(tokens.path("refresh_token")), 400, "invalid_grant");
    }

    @Test
    void refusesACodeAfterAMinute() {
        String code = SandboxFlow.code();
        ((MutableClock) clock).advance(Duration.ofSeconds(60));
        refused(SandboxFlow.exchange(code), 400, "invalid_grant");
    }

    @Test
    void endsTheWholeFamilyWhenASpentRefreshTokenComesBack() {
        Response first = SandboxFlow.exchange(SandboxFlow.code());
        Response second = SandboxFlow.refresh(first.path("refresh_token"));

        refused(SandboxFlow.refresh(first.path("refresh_token")), 400, "invalid_grant");

        SandboxFlow.userinfo(second.path("access_token")).then().statusCode(401);
        refused(SandboxFlow.refresh(second.path("refresh_token")), 400, "invalid_grant");
    }

    @Test
    void refusesAnAccessTokenThatIsOver() {
        Response tokens = SandboxFlow.exchange(SandboxFlow.code());
        ((MutableClock) clock).advance(Duration.ofMinutes(2));

        SandboxFlow.userinfo(tokens.path("access_token"))
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("error=\"invalid_token\""));
        SandboxFlow.refresh(tokens.path("refresh_token")).then().statusCode(200);
    }

    @Test
    void knowsTheClientByHeaderOrFormButNotByBothAndNotByAWrongSecret() {
        String grant = "grant_type=refresh_token&refresh_token=x";
        String form = "application/x-www-form-urlencoded";
        String inForm = grant + "&client_id=nexus-local&client_secret=";

        refused(
                given().contentType(form).body(inForm + SandboxFlow.secret()).post("/sandbox/token"),
                400,
                "invalid_grant");
        refused(given().contentType(form).body(inForm + "wrong").post("/sandbox/token"), 401, "invalid_client");
        refused(given().contentType(form).body(grant).post("/sandbox/token"), 400, "invalid_request");
        refused(
                given().auth()
                        .preemptive()
                        .basic("nexus-local", "wrong")
                        .contentType(form)
                        .body(grant)
                        .post("/sandbox/token"),
                401,
                "invalid_client");
        refused(
                SandboxFlow.client()
                        .contentType(form)
                        .body(inForm + SandboxFlow.secret())
                        .post("/sandbox/token"),
                400,
                "invalid_request");
        refused(
                given().formParam("token", "x")
                        .formParam("client_id", "nexus-local")
                        .post("/sandbox/revoke"),
                401,
                "invalid_client");
    }

    @Test
    void revokesAnAccessTokenAloneAndAnUnknownOneWithoutComplaint() {
        Response tokens = SandboxFlow.exchange(SandboxFlow.code());

        SandboxFlow.revoke(tokens.path("access_token")).then().statusCode(200);
        SandboxFlow.revoke("nobody knows this").then().statusCode(200);

        SandboxFlow.userinfo(tokens.path("access_token")).then().statusCode(401);
        SandboxFlow.refresh(tokens.path("refresh_token")).then().statusCode(200);
    }

    @Test
    void describesItselfAndListsGrantsWithoutTokens() {
        String refresh = SandboxFlow.exchange(SandboxFlow.code()).path("refresh_token");

        given().get("/sandbox/.well-known/openid-configuration")
                .then()
                .statusCode(200)
                .body("issuer", equalTo(issuer()))
                .body("token_endpoint", equalTo(issuer() + "/token"))
                .body("code_challenge_methods_supported", hasItem("S256"));
        given().get("/sandbox")
                .then()
                .statusCode(200)
                .body(containsString("alice@example.com"))
                .body(not(containsString(refresh)));
    }

    @Test
    void escapesWhatComesFromOutside() {
        Map<String, String> request = SandboxFlow.request();
        request.put("login_hint", "\"><script>");
        SandboxFlow.authorize(request).then().statusCode(200).body(not(containsString("<script>")));
    }

    private static String subject(Response tokens) {
        return SandboxFlow.userinfo(tokens.path("access_token")).path("sub");
    }

    private static String issuer() {
        return SandboxFlow.ORIGIN + "/sandbox";
    }

    private static void refused(Response response, int status, String error) {
        response.then().statusCode(status).header("Cache-Control", "no-store").body("error", equalTo(error));
    }
}
