package io.nexus.oauth.sandbox;

import static io.restassured.RestAssured.given;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(SandboxOffIT.Off.class)
class SandboxOffIT {

    /** As in production. */
    public static class Off implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("nexus.oauth.sandbox.enabled", "false");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/sandbox",
                "/sandbox/.well-known/openid-configuration",
                "/sandbox/authorize",
                "/sandbox/userinfo",
                "/sandbox/style.css"
            })
    void isNotThere(String path) {
        given().get(path).then().statusCode(404);
        given().formParam("token", "x").post("/sandbox/token").then().statusCode(404);
        given().formParam("token", "x").post("/sandbox/revoke").then().statusCode(404);
        given().formParam("request", "x").post("/sandbox/authorize").then().statusCode(404);
    }
}
