package io.nexus.oauth.rest.exchange;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import java.util.HashMap;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges at an authorization server that we did not write, found by discovery: the token of the user comes back as one for the API. */
@QuarkusTest
class UpstreamExchangeIT {

    private final MockOAuth2Server server = new MockOAuth2Server();
    private final String tenant = Api.unique("tenant");
    private TestIssuer issuer;
    private String gateway;

    @BeforeEach
    void start() {
        server.start();
        gateway = Api.key(tenant, "token-exchanger", "tenant-admin");
        for (String id : new String[] {"oidc", "delegated"}) {
            Api.as(gateway)
                    .body(Map.of(
                            "client_id",
                            "gateway",
                            "client_secret",
                            "s3cret",
                            "vars",
                            Map.of(
                                    "issuer_url",
                                    "http://127.0.0.1:" + server.baseUrl().port() + "/" + id)))
                    .put("/api/v1/clients/" + id)
                    .then()
                    .statusCode(200);
        }
    }

    @AfterEach
    void stop() {
        server.shutdown();
    }

    @Test
    void theTokenOfTheUserBecomesOneForTheApi() throws Exception {
        JWTClaimsSet claims = exchanged("oidc", Map.of("audience", "invoices"));

        assertThat(claims.getSubject()).isEqualTo("alice");
        assertThat(claims.getAudience()).containsExactly("invoices");
        assertThat(claims.getIssuer()).endsWith("/oidc");
    }

    @Test
    void onBehalfOfTheUser() throws Exception {
        JWTClaimsSet claims = exchanged("delegated", Map.of("scope", "invoices"));

        assertThat(claims.getSubject()).isEqualTo("alice");
        assertThat(claims.getAudience()).containsExactly("invoices");
    }

    private JWTClaimsSet exchanged(String provider, Map<String, String> target) throws Exception {
        JwtClaims claims = issuer.claims("alice");
        claims.setClaim("email", "alice@example.com");
        claims.setClaim("email_verified", true);
        claims.setClaim("org", Map.of("tenant", tenant));
        Map<String, String> form = new HashMap<>(Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type", "urn:ietf:params:oauth:token-type:access_token",
                "subject_token", issuer.sign(claims)));
        form.putAll(target);
        String token = given().header("X-API-Key", gateway)
                .contentType("application/x-www-form-urlencoded")
                .formParams(form)
                .post("/oauth2/token/" + provider)
                .then()
                .statusCode(200)
                .extract()
                .path("access_token");
        return SignedJWT.parse(token).getJWTClaimsSet();
    }
}
