package io.nexus.oauth.provider.reply;

import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * A userinfo response that is a signed JWT (OpenID Connect Core 1.0 section 5.3.2). Only asymmetric signatures of the
 * issuer's own keys count; keys and addresses in the token's header do not.
 */
public final class SignedClaims {

    private static final Logger LOG = Logger.getLogger(SignedClaims.class);
    private static final AlgorithmConstraints ALGORITHMS = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            "RS256",
            "RS384",
            "RS512",
            "PS256",
            "PS384",
            "PS512",
            "ES256",
            "ES384",
            "ES512",
            "EdDSA");

    private SignedClaims() {}

    /** Whether {@code body} is a signed JWT in its compact form, and no JSON. */
    public static boolean isJwt(String body) {
        String text = body.strip();
        return text.startsWith("eyJ") && text.chars().filter(c -> c == '.').count() == 2;
    }

    /**
     * The verified claims of {@code jwt}; empty, with a warning in the log, when its signature, issuer or audience is wrong.
     * Does not block.
     *
     * @param provider the provider, for the log
     * @param keys the issuer's JSON Web Key Set (RFC 7517 section 5)
     * @param isIssuer whether an {@code iss} claim is the provider's issuer
     * @param clientId the OAuth client that an {@code aud} claim must name, or null when it is unknown
     */
    public static Optional<ReplyBody> verify(
            String provider, String jwt, String keys, Predicate<String> isIssuer, @Nullable String clientId) {
        try {
            JwtClaims claims = new JwtConsumerBuilder()
                    .setJwsAlgorithmConstraints(ALGORITHMS)
                    .setVerificationKeyResolver(
                            new JwksVerificationKeyResolver(new JsonWebKeySet(keys).getJsonWebKeys()))
                    .setSkipDefaultAudienceValidation()
                    .build()
                    .processToClaims(jwt.strip());
            if (isMeantForUs(claims, isIssuer, clientId)) {
                return ReplyBody.json(claims.getRawJson());
            }
            LOG.warnf("Provider %s: the signed userinfo response is for another client or of another issuer", provider);
        } catch (InvalidJwtException | JoseException | MalformedClaimException e) {
            // the message of the exception contains claims
            LOG.warnf("Provider %s: the signed userinfo response cannot be verified", provider);
        }
        return Optional.empty();
    }

    private static boolean isMeantForUs(JwtClaims claims, Predicate<String> isIssuer, @Nullable String clientId)
            throws MalformedClaimException {
        String issuer = claims.getIssuer();
        boolean ours = clientId == null
                || !claims.hasAudience()
                || claims.getAudience().contains(clientId);
        return ours && (issuer == null || isIssuer.test(issuer));
    }
}
