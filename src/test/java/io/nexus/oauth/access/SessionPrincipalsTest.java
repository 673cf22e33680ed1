package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.issuer.Issuers;
import io.nexus.oauth.store.access.PageSessionStore.Stored;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A session lasts as long as the claims of its issuer are taken for what they were taken for. */
@QuarkusTest
class SessionPrincipalsTest {

    private static final String KEY = "nexus.oauth.access.issuers.company.";

    private TestIssuer issuer;

    @Inject
    SessionPrincipals holders;

    @Test
    void whatClaimsAreTakenForIsInTheProof() {
        Identity who = new Identity(issuer.url(), "token:company:alice", "alice", "Alice", List.of());

        assertThat(holders.unstoredTerms(session(null, who.text())))
                .contains("nexus:admin", "/org/tenant", "/realm_access/roles");
        assertThat(holders.unstoredTerms(session("a-key", null))).isEmpty();
    }

    @Test
    void otherSettingsAreOtherTerms() {
        Set<String> terms = new HashSet<>();
        terms.add(terms(Map.of()));
        List<Map<String, String>> changes = List.of(
                Map.of("subject-claim", "email"),
                Map.of("tenant-claim", "org"),
                Map.of("tenant", "acme"),
                Map.of("roles-claim", "groups"),
                Map.of("roles.admin", "everyone"),
                Map.of("roles.admin", "everyone,else"),
                Map.of("roles.auditor", "everyone"));

        changes.forEach(change -> terms.add(terms(change)));

        assertThat(terms).hasSize(changes.size() + 1);
        assertThat(terms(Map.of("leeway", "5s"))).isEqualTo(terms(Map.of()));
    }

    private static String terms(Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AccessConfig.class)
                .withDefaultValue(KEY + "issuer", "https://login.example.com")
                .withDefaultValue(KEY + "audience", "nexus-oauth");
        settings.forEach((name, value) -> builder.withDefaultValue(KEY + name, value));
        AccessConfig config = builder.build().getConfigMapping(AccessConfig.class);
        return Issuers.terms(config.issuers().get("company"));
    }

    private static Stored session(String key, String identity) {
        return new Stored("digest", key, identity, "", Instant.EPOCH, Instant.EPOCH);
    }
}
