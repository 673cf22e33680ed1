package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.crypto.OAuthCrypto;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An operator's rotation with the file and the API only: the schedule does the rest. */
@QuarkusTest
@WithTestResource(KeysFixture.KeyFile.class)
class KeySchedulerIT implements RunningSchedule {

    private static final Duration SOON = Duration.ofSeconds(60);

    @Inject
    AgroalDataSource dataSource;

    @Test
    void keyIsRotatedByFileAndApi() throws Exception {
        TestDatabase database = new TestDatabase(dataSource);
        database.clear();
        String tenant = Api.newTenant();
        String credential = Api.imported(tenant, Api.grant());
        String text = "SELECT encrypted_access_token FROM oauth_credentials";
        String old = Files.readAllLines(KeysFixture.KeyFile.PATH).getFirst();
        String young = OAuthCrypto.generateKey();
        assertThat(database.one(text)).startsWith(id(old) + ".");

        KeysFixture.KeyFile.write(List.of(young, old));
        Awaitility.await().atMost(SOON.multipliedBy(2)).until(() -> id(young).equals(role("sealing")));
        Api.admin().post("/api/v1/keys/rotate").then().statusCode(202);
        Awaitility.await()
                .atMost(SOON)
                .until(() ->
                        Api.admin().get("/api/v1/keys").path("rotation.state").equals("done"));

        assertThat(database.one(text)).startsWith(id(young) + ".");
        Api.as(tenant)
                .get("/api/v1/credentials/" + credential + "/token")
                .then()
                .statusCode(200);
        Awaitility.await()
                .atMost(SOON)
                .until(() ->
                        Api.metric("nexus_oauth_key_info", "key_id=\"" + id(young) + "\"", "role=\"sealing\"") == 1);
        Awaitility.await()
                .atMost(SOON)
                .until(() -> Api.metric("nexus_oauth_ciphertexts", "key_id=\"" + id(young) + "\"", "oauth_credentials")
                        == 1);
        // the caller's own key moved as well
        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            Api.as(tenant).get("/api/v1/audit").then().statusCode(200);
            assertThat(database.count("SELECT count(*) FROM api_keys WHERE digest LIKE '" + id(old) + ".%'"))
                    .isZero();
        });
    }

    private static String role(String role) {
        return Api.admin().get("/api/v1/keys").path("keys.find { it.role == '" + role + "' }.key_id");
    }
}
