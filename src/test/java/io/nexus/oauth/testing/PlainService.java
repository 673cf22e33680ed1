package io.nexus.oauth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;

/** The service without the servers of {@link SharedApplication}: as after its first start, and its schedule runs. */
public class PlainService implements QuarkusTestProfile {

    @Override
    public boolean disableGlobalTestResources() {
        return true;
    }
}
