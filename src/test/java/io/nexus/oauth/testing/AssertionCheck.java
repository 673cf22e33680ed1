package io.nexus.oauth.testing;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.JoseException;

/**
 * Verifies client assertions as a strict authorization server does (RFC 7523 section 3), with jose4j: by the key set that it fetches from the
 * client's address, by audience and lifetime, and each {@code jti} once.
 */
public final class AssertionCheck {

    private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final JwtConsumer consumer;
    private final Set<String> used = ConcurrentHashMap.newKeySet();
    private final List<String> kids = new CopyOnWriteArrayList<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();

    private AssertionCheck(VerificationKeyResolver keys, String clientId, String audience) {
        this(builder(keys, clientId).setExpectedSubject(clientId).setExpectedAudience(true, audience));
    }

    private AssertionCheck(JwtConsumerBuilder rules) {
        consumer = rules.build();
    }

    private static JwtConsumerBuilder builder(VerificationKeyResolver keys, String clientId) {
        return new JwtConsumerBuilder()
                .setVerificationKeyResolver(keys)
                .setJwsAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT, "RS256", "PS256", "ES256"))
                .setExpectedIssuer(true, clientId)
                .setRequireExpirationTime()
                .setRequireIssuedAt()
                .setRequireJwtId()
                .setMaxFutureValidityInMinutes(1)
                .setAllowedClockSkewInSeconds(2);
    }

    /**
     * Of assertions that are a grant (RFC 7523 section 2.1), by these keys.
     *
     * @param audience whom they must name; null for those that name nobody
     */
    public static AssertionCheck ofGrants(String keySet, String clientId, String audience) {
        JwtConsumerBuilder rules = builder(resolver(keySet), clientId);
        return new AssertionCheck(
                audience == null
                        ? rules.setSkipDefaultAudienceValidation()
                        : rules.setExpectedAudience(true, audience).setRequireSubject());
    }

    private static VerificationKeyResolver resolver(String keySet) {
        try {
            return new JwksVerificationKeyResolver(new JsonWebKeySet(keySet).getJsonWebKeys());
        } catch (JoseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** By the key set at {@code url}, which is fetched again for an unknown key. */
    public static AssertionCheck at(String url, String clientId, String audience) {
        HttpsJwks keys = new HttpsJwks(url);
        keys.setRefreshReprieveThreshold(0);
        return new AssertionCheck(new HttpsJwksVerificationKeyResolver(keys), clientId, audience);
    }

    /** By these keys. */
    public static AssertionCheck by(String keySet, String clientId, String audience) {
        return new AssertionCheck(resolver(keySet), clientId, audience);
    }

    /** Whether the parameters of a request authenticate the client, and the assertion was not used before. */
    public boolean admits(Map<String, String> form) {
        String assertion = form.get("client_assertion");
        if (assertion == null || !TYPE.equals(form.get("client_assertion_type")) || form.containsKey("client_secret")) {
            refusals.add("no assertion, or a secret beside it");
            return false;
        }
        return admits(assertion);
    }

    /** Whether the assertion is right, and was not used before. */
    public boolean admits(String assertion) {
        try {
            JwtContext context = consumer.process(assertion);
            JwtClaims claims = context.getJwtClaims();
            if (!used.add(claims.getJwtId())) {
                refusals.add("replayed " + claims.getJwtId());
                return false;
            }
            kids.add(context.getJoseObjects().getFirst().getKeyIdHeaderValue());
            return true;
        } catch (InvalidJwtException | MalformedClaimException e) {
            refusals.add(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** The key of each admitted assertion, in order. */
    public List<String> kids() {
        return List.copyOf(kids);
    }

    /** Why assertions were not admitted. */
    public List<String> refusals() {
        return List.copyOf(refusals);
    }
}
