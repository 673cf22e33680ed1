package io.nexus.oauth.web;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody at the pages, as far as HTTP goes: keeps cookies, follows nothing and runs no script. */
public final class Visitor {

    private static final Pattern TOKEN = Pattern.compile("name=\"form_token\" value=\"([0-9a-f]{64})\"");

    private final Map<String, String> cookies = new HashMap<>();
    private String token = "";

    /** Somebody who is signed in with {@code key}. */
    public static Visitor with(String key) {
        Visitor visitor = new Visitor();
        Response answer = visitor.signIn(key, "/ui");
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(303);
        assertThat(visitor.get("/ui").statusCode()).isEqualTo(200);
        return visitor;
    }

    /** Somebody who is signed in with a key of a tenant of its own. */
    public static Visitor of(String tenant, String... roles) {
        return with(Api.key(tenant, roles));
    }

    public Response signIn(String key, String next) {
        get("/ui/sign-in");
        return post("/ui/sign-in", Map.of("key", key, "next", next));
    }

    public Response get(String path) {
        Response answer = keep(request().urlEncodingEnabled(false).get(path));
        Matcher found = TOKEN.matcher(answer.asString());
        if (found.find()) {
            token = found.group(1);
        }
        return answer;
    }

    /** Sends a form with the token of the last page. */
    public Response post(String path, Map<String, ?> fields) {
        Map<String, Object> all = new HashMap<>(fields);
        all.put("form_token", token);
        return send(path, all);
    }

    /** Sends a form as it is. */
    public Response send(String path, Map<String, ?> fields) {
        return keep(request()
                .contentType("application/x-www-form-urlencoded")
                .formParams(fields)
                .post(path));
    }

    public Map<String, String> cookies() {
        return cookies;
    }

    public String token() {
        return token;
    }

    private RequestSpecification request() {
        return given().redirects().follow(false).cookies(cookies);
    }

    private Response keep(Response answer) {
        answer.cookies().forEach((name, value) -> {
            if (value.isEmpty()) {
                cookies.remove(name);
            } else {
                cookies.put(name, value);
            }
        });
        return answer;
    }
}
