package io.nexus.oauth.sandbox;

import static io.restassured.RestAssured.given;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;

/** Drives the sandbox the way a browser and a client do. */
final class SandboxFlow {

    static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; // RFC 7636 appendix B
    static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    /** The service as it knows itself; its port depends on the fork of the build. */
    static final String ORIGIN = "http://127.0.0.1:"
            + ConfigProvider.getConfig()
                    .getOptionalValue("quarkus.http.test-port", String.class)
                    .orElse("8081");

    static final String REDIRECT = ORIGIN + "/callback/sandbox";

    private SandboxFlow() {}

    static Map<String, String> request() {
        return new HashMap<>(Map.of(
                "client_id", "nexus-local",
                "response_type", "code",
                "redirect_uri", REDIRECT,
                "state", "s t&te",
                "scope", "openid email profile",
                "code_challenge", CHALLENGE,
                "code_challenge_method", "S256"));
    }

    static Response authorize(Map<String, String> request) {
        return given().redirects().follow(false).queryParams(request).get("/sandbox/authorize");
    }

    /** Opens the page and answers it. */
    static Map<String, String> decide(String decision) {
        Response page = authorize(request());
        return query(answer(page, decision, page.getCookie("nexus_sandbox")).getHeader("Location"));
    }

    static Response answer(Response page, String decision, String cookie) {
        return given().redirects()
                .follow(false)
                .cookie("nexus_sandbox", cookie)
                .formParams("request", requestId(page), "account", "alice@example.com", "decision", decision)
                .post("/sandbox/authorize");
    }

    static String code() {
        return decide("allow").get("code");
    }

    static Response exchange(String code) {
        return exchange(code, REDIRECT, VERIFIER);
    }

    static Response exchange(String code, String redirect, String verifier) {
        return client().formParams(
                        "grant_type", "authorization_code",
                        "code", code,
                        "redirect_uri", redirect,
                        "code_verifier", verifier)
                .post("/sandbox/token");
    }

    static Response refresh(String token) {
        return client().formParams("grant_type", "refresh_token", "refresh_token", token)
                .post("/sandbox/token");
    }

    static Response revoke(String token) {
        return client().formParam("token", token).post("/sandbox/revoke");
    }

    static Response userinfo(String token) {
        return given().header("Authorization", "Bearer " + token).get("/sandbox/userinfo");
    }

    static RequestSpecification client() {
        return given().auth().preemptive().basic("nexus-local", secret());
    }

    static String secret() {
        return ConfigProvider.getConfig().getValue("nexus.oauth.clients.sandbox.client-secret", String.class);
    }

    static Map<String, String> query(String location) {
        return Arrays.stream(URI.create(location).getRawQuery().split("&"))
                .map(p -> p.split("=", 2))
                .collect(Collectors.toMap(p -> p[0], p -> URLDecoder.decode(p[1], StandardCharsets.UTF_8)));
    }

    private static String requestId(Response page) {
        Matcher matcher =
                Pattern.compile("name=\"request\" value=\"([\\w-]+)\"").matcher(page.asString());
        if (!matcher.find()) {
            throw new AssertionError(page.asString());
        }
        return matcher.group(1);
    }
}
