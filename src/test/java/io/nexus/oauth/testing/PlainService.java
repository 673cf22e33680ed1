package io.nexus.oauth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/**
 * The service without the providers of {@link SharedApplication}: as after its first start, and its schedule runs. People can sign in at an
 * issuer. The tenant {@code acme} has a theme, and a page on one port of localhost may open links in a pop-up window.
 */
public class PlainService implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
        String acme = "nexus.oauth.theme.tenants.acme.";
        return Map.of(
                acme + "name",
                "Acme Analytics",
                acme + "logo",
                "src/test/resources/io/nexus/oauth/web/acme.svg",
                acme + "accent",
                "#7c3aed",
                acme + "contact",
                "help@acme.example",
                "nexus.oauth.theme.tenants.acme-dark.scheme",
                "dark",
                "nexus.oauth.connect.origins",
                "http://localhost:" + LocalPorts.free());
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(TestIssuerResource.class));
    }

    @Override
    public boolean disableGlobalTestResources() {
        return true;
    }
}
