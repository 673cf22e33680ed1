package io.nexus.oauth.audit;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** The service without its regular work, which the tests do themselves. */
public class QuietProfile implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("nexus.oauth.audit.most-waiting", "3000");
    }
}
