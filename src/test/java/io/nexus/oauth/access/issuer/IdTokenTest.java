package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.testing.TestIssuer;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ID tokens of callers, for an issuer that gives nothing else. */
class IdTokenTest {

    private static final String KEY = "nexus.oauth.access.issuers.company.";

    @TempDir
    private Path folder;

    @Test
    void idTokensAreAcceptedOnlyByWish() throws IOException {
        try (TestIssuer issuer = new TestIssuer()) {
            JwtClaims claims = issuer.claims("alice");
            claims.setClaim("nonce", "n");
            String token = issuer.sign(claims);

            assertThat(verified(issuer, token, "true").succeeded()).isTrue();
            assertThat(verified(issuer, token, "false").cause())
                    .isInstanceOfSatisfying(
                            RefusedToken.class,
                            refused -> assertThat(refused.refusal()).isEqualTo(TokenRefusal.ID_TOKEN));
        }
    }

    private Future<VerifiedToken> verified(TestIssuer issuer, String token, String accept) throws IOException {
        Path keys = Files.writeString(folder.resolve("keys.json"), issuer.keySet());
        AccessConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AccessConfig.class)
                .withDefaultValue(KEY + "issuer", issuer.url())
                .withDefaultValue(KEY + "audience", TestIssuer.AUDIENCE)
                .withDefaultValue(KEY + "jwks-file", keys.toString())
                .withDefaultValue(KEY + "accept-id-tokens", accept)
                .build()
                .getConfigMapping(AccessConfig.class);
        Vertx vertx = Vertx.vertx();
        try {
            Future<VerifiedToken> result = new TrustedIssuers(config, true, vertx, ForwardProxy.NONE, Clock.systemUTC())
                    .of(issuer.url())
                    .verify(TrustedIssuer.read(token));
            result.toCompletionStage()
                    .toCompletableFuture()
                    .exceptionally(e -> null)
                    .join();
            return result;
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
