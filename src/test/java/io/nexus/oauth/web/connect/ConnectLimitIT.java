package io.nexus.oauth.web.connect;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ConnectLimitIT.Few.class)
class ConnectLimitIT {

    private static final int MOST = 7;

    /** So few that a test reaches it. */
    public static class Few implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("nexus.oauth.limits.connect-requests", Integer.toString(MOST));
        }
    }

    private static Response open(String path) {
        return given().redirects().follow(false).get(path);
    }

    @Test
    void whoOpensTooManyPagesIsAskedToWait() {
        for (int i = 0; i < MOST; i++) {
            assertThat(open(i % 2 == 0 ? "/connect/none" : "/callback/sandbox?state=a&code=b")
                            .statusCode())
                    .isIn(400, 404);
        }

        for (String path :
                new String[] {"/connect/none", "/callback/sandbox?state=a", "/connect/none/start", "/jwks/none"}) {
            Response refused = open(path);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("60");
            assertThat(refused.header("Content-Security-Policy")).contains("default-src 'none'");
            assertThat(refused.asString()).contains("Try again in a minute");
        }
        // what has a credential of its own is not counted
        assertThat(open("/api/v1/token?provider=a&user=b").statusCode()).isEqualTo(401);
        assertThat(open("/").statusCode()).isEqualTo(200);
    }

    @Test
    void whoHasOneAddressOfIPv6HasTheWholeNetwork() {
        assertThat(AddressLimit.network("2001:db8:1:2::1"))
                .isEqualTo(AddressLimit.network("2001:db8:1:2:ffff::9"))
                .isNotEqualTo(AddressLimit.network("2001:db8:1:3::1"));
        assertThat(AddressLimit.network("192.0.2.1")).isNotEqualTo(AddressLimit.network("192.0.2.2"));
    }
}
