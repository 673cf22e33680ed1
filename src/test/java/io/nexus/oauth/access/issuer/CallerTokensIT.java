package io.nexus.oauth.access.issuer;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which tokens of callers are believed, and what they may do. */
@QuarkusTest
class CallerTokensIT {

    private TestIssuer issuer;

    private final String tenant = Api.unique("tenant");

    @BeforeEach
    void freshKey() {
        rotated(TestIssuer.rsa());
    }

    @AfterEach
    void mend() {
        issuer.answer(200);
        issuer.claimToBe(issuer.url());
    }

    @Test
    void aTokensClaimsNameTenantAndRoles() {
        String auditor = issuer.token("alice", tenant, "nexus:auditor", "something-else");

        get(auditor, "/api/v1/audit").then().statusCode(200);

        Api.assertProblem(get(auditor, "/api/v1/credentials"), 403, "forbidden");
        Api.assertProblem(get(issuer.token("alice", tenant, "auditor"), "/api/v1/audit"), 403, "forbidden");
        Api.assertProblem(
                get(issuer.token("alice", "not a tenant", "nexus:auditor"), "/api/v1/audit"), 403, "forbidden");
    }

    @Test
    void whoIsKnownButGrantedNothingMayDoNothing() {
        String token = issuer.sign(issuer.claims("nobody"));

        Response response = get(token, "/api/v1/credentials");

        Api.assertProblem(response, 403, "forbidden");
    }

    @Test
    void theTrailNamesIssuerAndSubject() {
        String connector = issuer.token("alice", tenant, "nexus:connector", "nexus:auditor");
        given().auth()
                .oauth2(connector)
                .contentType("application/json")
                .body(Api.grant())
                .post("/api/v1/credentials")
                .then()
                .statusCode(201);

        assertThat(get(connector, "/api/v1/audit").<List<String>>path("items.actor"))
                .containsOnly("token:company:alice");
    }

    @Test
    void anEllipticKeyIsBelievedToo() {
        rotated(TestIssuer.ec());

        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
    }

    @Test
    void whatIsWrongWithATokenMakesItWorthless() {
        assertRefused("audience", claims -> claims.setAudience("somebody-else"));
        assertRefused("audience", claims -> claims.unsetClaim("aud"));
        assertRefused("expired", claims -> claims.setExpirationTime(in(-21)));
        assertRefused("not_yet_valid", claims -> claims.setNotBefore(in(60)));
        assertRefused("unfit", claims -> claims.unsetClaim("exp"));
        assertRefused("unfit", claims -> claims.unsetClaim("sub"));
        assertRefused("unfit", claims -> claims.setSubject("a\nforged line"));
        assertRefused("unfit", claims -> claims.setClaim("cnf", Map.of("jkt", "x")));
        assertRefused("unknown_issuer", claims -> claims.setIssuer("https://elsewhere.example"));
        assertRefused("unknown_issuer", claims -> claims.unsetClaim("iss"));
    }

    @Test
    void clocksMayDifferALittle() {
        JwtClaims claims = auditor();
        claims.setExpirationTime(in(-2));
        claims.setNotBefore(in(-60));
        claims.setIssuedAt(in(-60));

        assertBelieved(issuer.sign(claims));
    }

    @Test
    void aSignatureCountsOnlyWithAnAllowedAlgorithm() throws Exception {
        JsonWebSignature none = signature(null, "none");
        none.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        assertRefused("algorithm", none);

        // the public key as the secret of an HMAC: whoever lets the token choose believes it
        HmacKey secret = new HmacKey(issuer.key().getPublicKey().getEncoded());
        assertRefused("algorithm", signature(secret, "HS256"));
        HmacKey pem = new HmacKey(("-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(issuer.key().getPublicKey().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII));
        assertRefused("algorithm", signature(pem, "HS256"));
    }

    @Test
    void aKeyThatTheTokenBringsCountsNothing() {
        PublicJsonWebKey own = TestIssuer.rsa();
        own.setKeyId(issuer.key().getKeyId());
        JsonWebSignature brought = signature(own.getPrivateKey(), "RS256");
        brought.setJwkHeader(own);
        assertRefused("signature", brought);

        JsonWebSignature pointed = signature(own.getPrivateKey(), "RS256");
        pointed.setHeader("jku", "https://attacker.example/keys");
        assertRefused("signature", pointed);
    }

    @Test
    void aChangedTokenIsRefused() {
        String[] parts = issuer.token("alice", tenant, "nexus:auditor").split("\\.");
        JwtClaims claims = auditor();
        claims.setSubject("mallory");
        String forged = parts[0] + "."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(claims.toJson().getBytes(StandardCharsets.UTF_8))
                + "." + parts[2];

        assertRefused("signature", forged);
        assertRefused("malformed", parts[0] + ".e30x." + parts[2]);
    }

    @Test
    void aTokenOfAnotherKindIsRefused() {
        JsonWebSignature logout = signature(issuer.key().getPrivateKey(), "RS256");
        logout.setHeader("typ", "logout+jwt");
        assertRefused("unfit", logout);

        JsonWebSignature access = signature(issuer.key().getPrivateKey(), "RS256");
        access.setHeader("typ", "at+jwt");
        assertBelieved(TestIssuer.compact(access));
    }

    @Test
    void aNewKeyIsFetchedWhenATokenNamesIt() {
        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
        String old = issuer.token("old", tenant, "nexus:auditor");
        int before = issuer.fetches();
        PublicJsonWebKey first = issuer.key();

        rotated(TestIssuer.rsa(), first);

        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
        assertBelieved(old);
        assertThat(issuer.fetches()).isEqualTo(before + 1);
    }

    @Test
    void aKeyThatIsTakenBackCountsNoMore() {
        String old = issuer.token("unseen", tenant, "nexus:auditor");

        rotated(TestIssuer.rsa());
        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));

        assertRefused("unknown_key", old);
    }

    @Test
    void keysThatNobodyHasCostTheIssuerAFetchAtATime() {
        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
        int before = issuer.fetches();
        Instant began = Instant.now();
        for (int i = 0; i < 50; i++) {
            Api.assertProblem(get(TestIssuer.sign(auditor(), TestIssuer.ec()), "/api/v1/audit"), 401, "unauthorized");
        }
        long seconds = Duration.between(began, Instant.now()).toSeconds();

        assertThat(issuer.fetches() - before).isLessThanOrEqualTo((int) seconds + 1);
    }

    @Test
    void whileTheIssuerIsAwayItsKnownKeysCountAndNewOnesAreNobodysFault() {
        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
        String known = issuer.token("bob", tenant, "nexus:auditor");
        issuer.answer(500);
        issuer.rotate(TestIssuer.rsa(), issuer.key());
        String unknown = issuer.token("alice", tenant, "nexus:auditor");

        assertBelieved(known);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Response response = get(unknown, "/api/v1/audit");
            Api.assertProblem(response, 503, "issuer-unavailable");
            assertThat(response.header("Retry-After")).isEqualTo("1");
        });

        issuer.answer(200);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertBelieved(unknown));
    }

    @Test
    void metadataOfAnotherIssuerGivesNoKeys() {
        assertBelieved(issuer.token("alice", tenant, "nexus:auditor"));
        issuer.claimToBe("https://elsewhere.example");
        issuer.rotate(TestIssuer.rsa());
        String token = issuer.token("alice", tenant, "nexus:auditor");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> Api.assertProblem(get(token, "/api/v1/audit"), 503, "issuer-unavailable"));
    }

    @Test
    void whoSendsTwoCredentialsIsNobody() {
        String token = issuer.token("alice", tenant, "nexus:auditor");

        Response two = given().auth()
                .oauth2(token)
                .header("X-API-Key", Api.bootstrapKey())
                .get("/api/v1/audit");

        Api.assertProblem(two, 401, "unauthorized");
    }

    @Test
    void nothingOfATokenIsTold() {
        JwtClaims claims = auditor();
        claims.setAudience("somebody-else");
        String token = issuer.sign(claims);

        Response response = get(token, "/api/v1/audit");

        assertThat(response.asString()).doesNotContain("somebody-else", "alice", token.substring(0, 20), "audience");
    }

    private void rotated(PublicJsonWebKey next, PublicJsonWebKey... more) {
        issuer.rotate(next, more);
        String token = issuer.token("probe", tenant, "nexus:auditor");
        // the fetch before may have been less than a second ago
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(get(token, "/api/v1/audit").statusCode()).isEqualTo(200));
    }

    private JwtClaims auditor() {
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("org", Map.of("tenant", tenant));
        claims.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));
        return claims;
    }

    private JsonWebSignature signature(java.security.Key key, String algorithm) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(auditor().toJson());
        signature.setKey(key);
        signature.setKeyIdHeaderValue(issuer.key().getKeyId());
        signature.setAlgorithmHeaderValue(algorithm);
        return signature;
    }

    private static NumericDate in(int seconds) {
        return NumericDate.fromMilliseconds(Instant.now().plusSeconds(seconds).toEpochMilli());
    }

    private void assertRefused(String reason, Consumer<JwtClaims> change) {
        JwtClaims claims = auditor();
        change.accept(claims);
        assertRefused(reason, issuer.sign(claims));
    }

    private static void assertRefused(String reason, JsonWebSignature signature) {
        assertRefused(reason, TestIssuer.compact(signature));
    }

    private static void assertRefused(String reason, String token) {
        double before = refused(reason);
        Api.assertProblem(get(token, "/api/v1/audit"), 401, "unauthorized");
        assertThat(refused(reason)).as(reason).isEqualTo(before + 1);
    }

    private static double refused(String reason) {
        return Api.metric("nexus_oauth_caller_tokens_refused_total", "reason=\"" + reason + "\"");
    }

    private static void assertBelieved(String token) {
        get(token, "/api/v1/audit").then().statusCode(200);
    }

    private static Response get(String token, String path) {
        return given().auth().oauth2(token).get(path);
    }
}
