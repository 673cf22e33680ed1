package io.nexus.oauth.testing;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;

/**
 * The servers beside every service under test. They are the same for all tests, so all tests without a profile share one service.
 * A test that needs other settings takes a profile and ends with {@code IT}: it runs in the second lane.
 */
@WithTestResource(value = StrictProviderResource.class, scope = TestResourceScope.GLOBAL)
@WithTestResource(value = TestIssuerResource.class, scope = TestResourceScope.GLOBAL)
final class SharedApplication {

    private SharedApplication() {}
}
