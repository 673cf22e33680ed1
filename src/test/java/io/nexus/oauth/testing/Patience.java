package io.nexus.oauth.testing;

import io.quarkus.test.junit.callback.QuarkusTestBeforeClassCallback;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * How long a test waits for what it does not expect to take any time: it says nothing of the service that the machine was busy with
 * something else for ten seconds. Awaitility is loaded anew for each application, so it is told before each class.
 */
public class Patience implements QuarkusTestBeforeClassCallback {

    private static final Duration MOST = Duration.ofSeconds(60);

    @Override
    public void beforeClass(Class<?> testClass) {
        Awaitility.setDefaultTimeout(MOST);
    }
}
