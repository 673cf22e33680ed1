package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The scheduler runs: the token is refreshed although no caller reads it. */
@QuarkusTest
@TestProfile(RefreshTicksIT.Ticking.class)
class RefreshTicksIT extends TokenFixture implements RunningSchedule {

    /** As in production, but more often. */
    public static class Ticking implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("nexus.oauth.refresh.every", "1s");
        }
    }

    @Test
    void refreshesWhatIsDueByItself() {
        StoredCredential credential = expired("strict");

        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> row(credential).version() == 2);

        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.audit(credential.key().id())).contains("token_refreshed:due");
    }
}
