package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(SignInLimitTest.Few.class)
class SignInLimitTest {

    private static final int MOST = 5;

    /** So few that a test reaches it. */
    public static class Few implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("nexus.oauth.limits.sign-ins", Integer.toString(MOST));
        }
    }

    @Test
    void whoTriesTooOftenIsAskedToWait() {
        Visitor visitor = new Visitor();
        for (int i = 0; i < MOST; i++) {
            assertThat(visitor.signIn("nonsense", "/ui").statusCode()).isEqualTo(401);
        }

        Response refused = visitor.signIn(Api.bootstrapKey(), "/ui");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("60");
        assertThat(refused.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(refused.asString()).contains("Too many sign-ins were tried");
        assertThat(visitor.cookies()).doesNotContainKey("nexus-session");
    }
}
