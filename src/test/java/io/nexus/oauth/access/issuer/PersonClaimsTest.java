package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.TestIssuer;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Where the roles of a person come from, and what happens when one of the places fails. */
class PersonClaimsTest {

    private static final String KEY = "nexus.oauth.access.issuers.company.";
    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    /** The tenant of the settings is enough for the role; userinfo could only add one. */
    @Test
    void aPersonWithARoleSignsInWhileUserinfoFails() {
        try (TestIssuer issuer = new TestIssuer()) {
            issuer.login().as("alice", claims -> {});
            issuer.login().userInfo("{}", 500);
            JwtClaims idToken = issuer.claims("alice");
            idToken.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));

            assertThat(identity(issuer, idToken, "of-no-use-here").claimed()).hasSize(1);

            idToken.unsetClaim("realm_access");
            assertThatThrownBy(() -> identity(issuer, idToken, "of-no-use-here"))
                    .as("the roles are not known, so nobody is told to have none")
                    .hasCauseInstanceOf(IssuerUnavailable.class);
        }
    }

    @Test
    void theLogSaysWhyAnAccessTokenGaveNoRole() {
        try (TestIssuer issuer = new TestIssuer();
                LogCapture log = LogCapture.open()) {
            issuer.login().as("alice", claims -> {});
            JwtClaims access = issuer.claims("alice");
            access.setAudience("userinfo");
            String token = issuer.sign(access);
            issuer.login().giving(token);
            JwtClaims idToken = issuer.claims("alice");

            assertThat(identity(issuer, idToken, token).claimed()).isEmpty();

            assertThat(log.lines())
                    .containsOnlyOnce("Sign-in at issuer " + issuer.url()
                            + ": no claim gives a role. The access token was not used: audience")
                    .noneMatch(line -> line.contains(token));
            idToken.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));
            identity(issuer, idToken, token);
            assertThat(log.lines().stream().filter(line -> line.startsWith("Sign-in at issuer")))
                    .as("a person with a role misses nothing")
                    .hasSize(1);
        }
    }

    private static Identity identity(TestIssuer issuer, JwtClaims idToken, String accessToken) {
        AccessConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AccessConfig.class)
                .withDefaultValue(KEY + "issuer", issuer.url())
                .withDefaultValue(KEY + "audience", TestIssuer.AUDIENCE)
                .withDefaultValue(KEY + "tenant", "default")
                .withDefaultValue(KEY + "tenant-claim", "/org/tenant")
                .withDefaultValue(KEY + "roles-claim", "/realm_access/roles")
                .withDefaultValue(KEY + "roles.auditor", "nexus:auditor")
                .build()
                .getConfigMapping(AccessConfig.class);
        IssuerConfig settings = config.issuers().get("company");
        TrustedIssuer trusted =
                new TrustedIssuers(config, true, VERTX, ForwardProxy.NONE, Clock.systemUTC()).of(issuer.url());
        return new PersonClaims(new IssuerClient(VERTX, settings, true, ForwardProxy.NONE), trusted)
                .identity(
                        idToken,
                        Optional.of(Secret.of(accessToken)),
                        Optional.of(URI.create(issuer.url() + "/userinfo")))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }
}
