package io.nexus.oauth.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Runs a {@link TestIssuer} beside the service and makes it trusted, its roles mapped; with a policy file that grants nothing. */
public class TestIssuerResource implements QuarkusTestResourceLifecycleManager {

    private static final String KEY = "nexus.oauth.access.issuers.company.";

    private final TestIssuer issuer = new TestIssuer();

    /** The policy file. */
    public static Path policyFile() {
        return TestFiles.path("test-issuer", "policies.yaml");
    }

    private static Path secret() {
        return policyFile().resolveSibling("client-secret");
    }

    @Override
    public Map<String, String> start() {
        try {
            Files.createDirectories(policyFile().getParent());
            Files.writeString(policyFile(), "policies: []\n");
            Files.writeString(secret(), TestLogin.SECRET + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> settings = new HashMap<>();
        settings.put("nexus.oauth.access.policy-file", policyFile().toString());
        settings.put("nexus.oauth.access.policy-file-every", "1s");
        settings.put(KEY + "issuer", issuer.url());
        settings.put(KEY + "audience", "other," + TestIssuer.AUDIENCE);
        settings.put(KEY + "leeway", "20s");
        settings.put(KEY + "keys-min-interval", "1s");
        settings.put(KEY + "tenant-claim", "/org/tenant");
        settings.put(KEY + "roles-claim", "/realm_access/roles");
        settings.put(KEY + "sign-in.client-id", TestLogin.CLIENT);
        settings.put(KEY + "sign-in.client-secret-file", secret().toString());
        settings.put(KEY + "sign-in.scopes", "profile");
        settings.put(KEY + "sign-in.label", "Company");
        settings.put(KEY + "sign-in.issuer-logout", "true");
        settings.put(KEY + "subject-tokens.user-claim", "email");
        settings.put(KEY + "subject-tokens.audience", "portal," + TestIssuer.AUDIENCE);
        for (String role : new String[] {
            "token-reader", "token-exchanger", "connector", "tenant-admin", "admin", "auditor", "exporter"
        }) {
            settings.put(KEY + "roles." + role, "nexus:" + role + ",unused");
        }
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(issuer, new TestInjector.MatchesType(TestIssuer.class));
    }

    @Override
    public void stop() {
        issuer.close();
    }
}
