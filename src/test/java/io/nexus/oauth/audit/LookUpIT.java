package io.nexus.oauth.audit;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.crypto.OAuthCrypto;
import io.nexus.oauth.keys.KeysFixture;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A leaked token is found under every key that is here, whenever that key came. */
@QuarkusTest
class LookUpIT extends KeysFixture {

    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

    @Inject
    AuditRecorder recorder;

    @Test
    void aLeakedTokenIsFoundAcrossARotation() {
        String tenant = Api.unique("tenant");
        String key = Api.key(tenant, Api.ALL_ROLES);
        Map<String, Object> before = Api.grant();
        Map<String, Object> after = Api.grant();
        handOut(key, before);
        files(young, old);
        handOut(key, after);
        assertThat(database.all(
                        "SELECT left(token_fingerprint, 8) FROM audit_events WHERE operation = 'token_handed_out'"
                                + " AND tenant_id = '" + tenant + "' ORDER BY event_id"))
                .containsExactly(id(old), id(young));

        assertThat(found(key, before)).hasSize(1);
        assertThat(found(key, after)).hasSize(1);

        String youngest = OAuthCrypto.generateKey();
        files(youngest, young);
        String other = Api.key(tenant, "auditor");
        keyring.forget(id(old));
        assertThat(keyring.ids()).containsExactly(id(youngest), id(young));

        assertThat(found(other, after)).hasSize(1);
        assertThat(found(other, before)).isEmpty();
    }

    private void handOut(String key, Map<String, Object> grant) {
        String credential = Api.imported(key, grant);
        Api.as(key).get("/api/v1/credentials/" + credential + "/token").then().statusCode(200);
        await(recorder.flush(LATER));
    }

    private static List<Object> found(String key, Map<String, Object> grant) {
        Response response =
                Api.as(key).body(Map.of("token", grant.get("access_token"))).post("/api/v1/audit/lookup");
        response.then().statusCode(200);
        return response.path("items");
    }
}
