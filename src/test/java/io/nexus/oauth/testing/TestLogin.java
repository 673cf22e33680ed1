package io.nexus.oauth.testing;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;

/**
 * The login page of a {@link TestIssuer}: an OpenID provider that insists on PKCE, on the secret of its one client and on each code
 * being used once, by who asked for it.
 */
public final class TestLogin {

    public static final String CLIENT = "nexus-pages";
    public static final String SECRET = "of the pages: 100 % & more";

    /** The cookie of the issuer's own session. */
    private static final String SESSION = "company";

    private final TestIssuer issuer;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private volatile String subject = "alice";
    private volatile Consumer<JwtClaims> claims = each -> {};
    private volatile String accessToken = "of-no-use-here";
    private volatile String userInfo = "{}";
    private volatile int userInfoStatus = 200;
    private volatile boolean denies;

    TestLogin(TestIssuer issuer) {
        this.issuer = issuer;
    }

    /** Who signs in from now on, and what the ID token says beside that. */
    public void as(String name, Consumer<JwtClaims> more) {
        subject = name;
        claims = more;
        denies = false;
        accessToken = "of-no-use-here";
        userInfo("{\"sub\":\"" + name + "\"}", 200);
    }

    /** With this access token from now on. */
    public void giving(String token) {
        accessToken = token;
    }

    /** With this answer of the userinfo endpoint from now on. */
    public void userInfo(String document, int status) {
        userInfo = document;
        userInfoStatus = status;
    }

    /** As somebody with these roles. */
    public void as(String name, String tenant, String... roles) {
        as(name, token -> {
            token.setClaim("org", Map.of("tenant", tenant));
            token.setClaim("realm_access", Map.of("roles", List.of(roles)));
        });
    }

    /** Whoever comes presses Cancel from now on. */
    public void deny() {
        denies = true;
    }

    /** What was wrong with requests since this was asked last. */
    public List<String> complaints() {
        List<String> all = List.copyOf(complaints);
        complaints.clear();
        return all;
    }

    void userInfo(HttpExchange exchange) throws IOException {
        String sent = exchange.getRequestHeaders().getFirst("Authorization");
        boolean good = check(("Bearer " + accessToken).equals(sent), "userinfo");
        TestIssuer.respond(exchange, good ? userInfoStatus : 401, good ? userInfo : "{}");
    }

    /** OpenID Connect RP-Initiated Logout 1.0 section 2. */
    void logout(HttpExchange exchange) throws IOException {
        Map<String, String> asked = parse(exchange.getRequestURI().getRawQuery());
        check(CLIENT.equals(asked.get("client_id")), "client_id of the logout");
        check(!asked.containsKey("id_token_hint"), "id_token_hint");
        exchange.getResponseHeaders().add("Set-Cookie", SESSION + "=; Path=/; Max-Age=0");
        redirect(exchange, asked.get("post_logout_redirect_uri") + "?state=" + encode(asked.get("state")));
    }

    /** Lets a browser that is signed in here pass, as identity providers do, unless the request wants the page. */
    void authorize(HttpExchange exchange) throws IOException {
        String cookies = exchange.getRequestHeaders().getFirst("Cookie");
        if (cookies != null
                && cookies.contains(SESSION + "=yes")
                && !parse(exchange.getRequestURI().getRawQuery()).containsKey("prompt")) {
            login(exchange);
            return;
        }
        String page = """
                <!DOCTYPE html><html lang="en"><head><title>Company</title><link rel="icon" href="data:,"></head>
                <body><h1>Company</h1><a href="/login?%s">Continue as %s</a></body></html>""".formatted(exchange.getRequestURI().getRawQuery().replace("&", "&amp;"), subject);
        exchange.getResponseHeaders().add("Content-Type", "text/html");
        byte[] body = page.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    void login(HttpExchange exchange) throws IOException {
        Map<String, String> asked = parse(exchange.getRequestURI().getRawQuery());
        check(CLIENT.equals(asked.get("client_id")), "client_id");
        check("code".equals(asked.get("response_type")), "response_type");
        check(List.of(asked.get("scope").split(" ")).contains("openid"), "scope");
        check("S256".equals(asked.get("code_challenge_method")), "code_challenge_method");
        String code = UUID.randomUUID().toString();
        codes.put(code, asked);
        String answer = denies ? "error=access_denied" : "code=" + code;
        exchange.getResponseHeaders().add("Set-Cookie", SESSION + "=yes; Path=/; HttpOnly");
        redirect(
                exchange,
                asked.get("redirect_uri") + "?" + answer + "&state=" + encode(asked.get("state")) + "&iss="
                        + encode(issuer.url()));
    }

    private static void redirect(HttpExchange exchange, String there) throws IOException {
        exchange.getResponseHeaders().add("Location", there);
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    void token(HttpExchange exchange) throws IOException {
        Map<String, String> sent = parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        Map<String, String> asked = codes.remove(String.valueOf(sent.get("code")));
        String pair = encode(CLIENT) + ":" + encode(SECRET);
        String proof = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        boolean good = check(proof.equals(exchange.getRequestHeaders().getFirst("Authorization")), "client")
                && check(asked != null, "code")
                && check(asked.get("redirect_uri").equals(sent.get("redirect_uri")), "redirect_uri")
                && check(asked.get("code_challenge").equals(challenge(sent.get("code_verifier"))), "code_verifier");
        if (!good) {
            TestIssuer.respond(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        JwtClaims token = issuer.claims(subject);
        token.setAudience(CLIENT);
        token.setClaim("nonce", asked.get("nonce"));
        claims.accept(token);
        TestIssuer.respond(
                exchange,
                200,
                "{\"access_token\":\"" + accessToken + "\",\"token_type\":\"Bearer\",\"id_token\":\""
                        + issuer.sign(token) + "\"}");
    }

    private boolean check(boolean fine, String what) {
        if (!fine) {
            complaints.add(what);
        }
        return fine;
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> parse(String form) {
        Map<String, String> values = new HashMap<>();
        for (String part : form.split("&")) {
            int equals = part.indexOf('=');
            values.put(decode(part.substring(0, equals)), decode(part.substring(equals + 1)));
        }
        return values;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
