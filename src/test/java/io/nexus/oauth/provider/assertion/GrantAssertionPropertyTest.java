package io.nexus.oauth.provider.assertion;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;

/** The form of an assertion that is a grant (RFC 7523 section 3), as a verifier reads it. */
class GrantAssertionPropertyTest {

    private static final ClientAssertions ASSERTIONS = new ClientAssertions(Providers.VERTX, Providers.CLOCK);
    private static final Map<Algorithm, ClientKey> KEYS = new EnumMap<>(Algorithm.class);
    private static final Set<String> USED = new HashSet<>();

    static {
        for (Algorithm algorithm : Algorithm.values()) {
            KEYS.put(algorithm, ClientKey.make(algorithm));
        }
    }

    @Property(tries = 200)
    void aVerifierReadsWhatWasMeant(
            @ForAll @Size(max = 8) Map<@StringLength(min = 1, max = 20) String, @StringLength(max = 40) String> others,
            @ForAll Algorithm algorithm,
            @ForAll @IntRange(min = 1, max = 3600) int lifetime,
            @ForAll @IntRange(max = 300) int leeway,
            @ForAll boolean named)
            throws Exception {
        others.keySet().removeAll(Set.of("iss", "sub", "aud", "iat", "exp", "nbf", "jti"));
        others.put("iss", "me");
        others.put("aud", "https://as.example/token");
        ClientKey key = KEYS.get(algorithm);

        Secret jwt = Providers.await(ASSERTIONS.granting(
                key, new GrantAssertion(others, Duration.ofSeconds(lifetime), Duration.ofSeconds(leeway), named)));

        JwtContext read = new JwtConsumerBuilder()
                .setVerificationKey(
                        PublicJsonWebKey.Factory.newPublicJwk(key.publicJwk()).getPublicKey())
                .setExpectedIssuer("me")
                .setExpectedAudience("https://as.example/token")
                .setRequireJwtId()
                .setEvaluationTime(NumericDate.fromSeconds(Providers.NOW.getEpochSecond()))
                .build()
                .process(jwt.reveal());
        JwtClaims claims = read.getJwtClaims();
        assertThat(read.getJoseObjects().getFirst().getAlgorithmHeaderValue()).isEqualTo(algorithm.name());
        assertThat(read.getJoseObjects().getFirst().getKeyIdHeaderValue()).isEqualTo(named ? key.id() : null);
        assertThat(claims.getExpirationTime().getValue()).isEqualTo(Providers.NOW.getEpochSecond() + lifetime);
        assertThat(claims.getIssuedAt().getValue()).isEqualTo(Providers.NOW.getEpochSecond() - leeway);
        assertThat(USED.add(claims.getJwtId())).isTrue();
        assertThat(claims.getClaimsMap()).containsAllEntriesOf(others).hasSize(others.size() + 3);
    }
}
