package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.token.machine.MachineConnections;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.OctJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.keys.EllipticCurves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exports grants that only the holder of the private key can decrypt. */
@QuarkusTest
class CredentialExportTest {

    @Inject
    MachineConnections machines;

    @Inject
    OidcClientTokens oidc;

    private TestIssuer issuer;

    private String tenant;
    private String key;

    @BeforeEach
    void newTenant() {
        tenant = Api.unique("tenant");
        key = Api.key(tenant, Api.ALL_ROLES);
    }

    @Test
    void sealsEachGrantToTheKeyAndWritesItDown() throws Exception {
        Map<String, Object> grant = Api.grant("refresh_token", "canary-refresh");
        grant.put("scopes", List.of("a"));
        String id = Api.imported(key, grant);
        String revoked = Api.imported(key, Api.grant());
        Api.as(key).post("/api/v1/credentials/" + revoked + "/revoke").then().statusCode(200);

        for (PublicJsonWebKey jwk :
                List.of(EcJwkGenerator.generateJwk(EllipticCurves.P256), RsaJwkGenerator.generateJwk(2048))) {
            Response exported = export(jwk.toParams(OutputControlLevel.PUBLIC_ONLY));

            exported.then().statusCode(200).header("Cache-Control", "no-store");
            assertThat(exported.asString())
                    .hasLineCount(1)
                    .doesNotContain("canary-refresh", grant.get("access_token").toString());
            JsonPath line = JsonPath.from(exported.asString());
            assertThat(line.getString("user")).isEqualTo(grant.get("user"));
            JsonPath opened = JsonPath.from(opened(jwk, line.getString("grant")));
            assertThat(opened.getString("refresh_token")).isEqualTo("canary-refresh");
            assertThat(opened.getString("access_token")).isEqualTo(grant.get("access_token"));
            assertThat(opened.getList("scopes")).isEqualTo(List.of("a"));
        }
        assertThat(Api.as(key)
                        .queryParam("operation", "credential_exported")
                        .get("/api/v1/audit")
                        .<List<String>>path("items.credential_id"))
                .containsExactly(id, id);
        assertThat(Api.as(key)
                        .body(Map.of("token", grant.get("access_token")))
                        .post("/api/v1/audit/lookup")
                        .<List<String>>path("items.operation"))
                .contains("credential_exported");
    }

    /** The service that imports it has other clients, and no caller may name one. */
    @Test
    void leavesOutAConnectionOfAClientOfTheExtension() throws Exception {
        AccountKey account = new AccountKey(TenantId.configured(tenant), "strict", "payroll");
        machines.create(account, oidc.request("payroll").orElseThrow(), AccessLimits.ALL, "tester", false)
                .await()
                .atMost(Duration.ofSeconds(30));
        Api.imported(key, Api.grant());

        Response exported =
                export(EcJwkGenerator.generateJwk(EllipticCurves.P256).toParams(OutputControlLevel.PUBLIC_ONLY));

        assertThat(exported.asString()).hasLineCount(1).doesNotContain("payroll");
    }

    @Test
    void refusesWhatIsNoPublicKey() throws Exception {
        PublicJsonWebKey jwk = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        Map<String, Object> broken = new HashMap<>(jwk.toParams(OutputControlLevel.PUBLIC_ONLY));
        broken.put("x", "AAAA");

        for (Map<String, Object> wrong : List.of(
                jwk.toParams(OutputControlLevel.INCLUDE_PRIVATE),
                OctJwkGenerator.generateJwk(256).toParams(OutputControlLevel.INCLUDE_SYMMETRIC),
                RsaJwkGenerator.generateJwk(1024).toParams(OutputControlLevel.PUBLIC_ONLY),
                broken,
                Map.<String, Object>of("kty", "EC"))) {
            Api.assertProblem(export(wrong), 400, "invalid-request");
        }
        Api.assertProblem(Api.as(key).body("{}").post("/api/v1/credentials/export"), 400, "invalid-request");
    }

    @Test
    void takesARoleOfItsOwn() throws Exception {
        Map<String, Object> jwk =
                EcJwkGenerator.generateJwk(EllipticCurves.P256).toParams(OutputControlLevel.PUBLIC_ONLY);
        Response byTheFirstKey = Api.admin().body(Map.of("public_key", jwk)).post("/api/v1/credentials/export");
        Api.assertProblem(byTheFirstKey, 403, "forbidden");
    }

    /** An export contains only grants whose tokens the caller may get. */
    @Test
    void isAsLimitedAsThePolicyOfItsCaller() throws Exception {
        Map<String, Object> mine = Api.grant("scopes", List.of("read"));
        Api.imported(key, mine);
        Map<String, Object> wider = Api.grant("scopes", List.of("read", "write"));
        wider.put("user", mine.get("user") + ".too");
        Api.imported(key, wider);
        Api.imported(key, Api.grant("scopes", List.of("read")));
        String subject = Api.unique("subject");
        Map<String, Object> policy = Map.of(
                "issuer", issuer.url(),
                "subject", subject,
                "tenants", List.of(tenant),
                "roles", List.of("exporter"),
                "users", List.of(mine.get("user"), wider.get("user")),
                "scopes", List.of("read"));
        Api.admin().body(policy).put("/api/v1/policies/" + subject).then().statusCode(200);
        PublicJsonWebKey jwk = EcJwkGenerator.generateJwk(EllipticCurves.P256);

        Response exported = given().header("Authorization", "Bearer " + issuer.sign(issuer.claims(subject)))
                .contentType(ContentType.JSON)
                .body(Map.of("public_key", jwk.toParams(OutputControlLevel.PUBLIC_ONLY)))
                .post("/api/v1/credentials/export");

        exported.then().statusCode(200);
        assertThat(exported.asString()).hasLineCount(1);
        assertThat(JsonPath.from(exported.asString()).getString("user")).isEqualTo(mine.get("user"));
        Api.admin().delete("/api/v1/policies/" + subject).then().statusCode(204);
    }

    /** An export over several database pages contains each grant exactly once. */
    @Test
    void takesAnyNumberOfGrantsOut() throws Exception {
        Map<String, Object> jwk =
                EcJwkGenerator.generateJwk(EllipticCurves.P256).toParams(OutputControlLevel.PUBLIC_ONLY);
        assertThat(export(jwk).asString()).isEmpty();
        Set<String> users = new HashSet<>();
        for (int i = 0; i < 201; i++) {
            Map<String, Object> grant = Api.grant();
            Api.imported(key, grant);
            users.add(grant.get("user").toString());
        }

        String exported = export(jwk).asString();

        assertThat(exported).endsWith("}\n");
        assertThat(exported.lines().map(line -> JsonPath.from(line).getString("user")))
                .hasSize(201)
                .containsExactlyInAnyOrderElementsOf(users);
    }

    private Response export(Map<String, Object> jwk) {
        return Api.as(key).body(Map.of("public_key", jwk)).post("/api/v1/credentials/export");
    }

    private static String opened(PublicJsonWebKey jwk, String sealed) throws Exception {
        JsonWebEncryption text = new JsonWebEncryption();
        text.setCompactSerialization(sealed);
        text.setKey(jwk.getPrivateKey());
        return text.getPlaintextString();
    }
}
