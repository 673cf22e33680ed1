package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The limit of sign-in attempts and the lifetime of a session. */
@QuarkusTest
@TestProfile(SignInBoundsIT.Tight.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SignInBoundsIT implements RunningSchedule {

    private static final int MOST = 5;
    private static final Duration SESSION = Duration.ofSeconds(8);

    /** So few and so short that a test reaches it. */
    public static class Tight implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "nexus.oauth.limits.sign-ins",
                    Integer.toString(MOST),
                    "nexus.oauth.access.page-session",
                    SESSION.toSeconds() + "s");
        }
    }

    /** What a replica remembers of a session lasts longer than this one. */
    @Test
    @Order(1)
    void aSessionThatIsOverIsNotRemembered() {
        Visitor visitor = new Visitor();
        assertThat(visitor.signIn(Api.bootstrapKey(), "/ui").statusCode()).isEqualTo(303);
        Instant over = Instant.now().plus(SESSION);
        assertThat(visitor.get("/ui").statusCode()).isEqualTo(200);

        await().until(() -> Instant.now().isAfter(over));

        assertThat(visitor.get("/ui").statusCode()).isEqualTo(303);
    }

    @Test
    @Order(2)
    void whoTriesTooOftenIsAskedToWait() {
        Visitor visitor = new Visitor();
        for (int i = 1; i < MOST; i++) { // one was counted before
            assertThat(visitor.signIn("nonsense", "/ui").statusCode()).isEqualTo(401);
        }
        visitor.signIn("nonsense", "/ui");

        Response refused = visitor.signIn(Api.bootstrapKey(), "/ui");

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).isEqualTo("60");
        assertThat(refused.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(refused.asString()).contains("too many sign-in attempts");
        assertThat(visitor.cookies()).doesNotContainKey("nexus-session");
    }
}
