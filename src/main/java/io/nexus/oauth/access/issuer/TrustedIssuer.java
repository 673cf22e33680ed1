package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.access.issuer.SubjectTokens.VerifiedSubject;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.InvalidJwtSignatureException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Verifies the tokens of one issuer (RFC 7519; RFC 9068 section 4, but the header {@code typ} is optional). ID tokens are
 * refused unless the settings accept them.
 */
final class TrustedIssuer {

    /** Accepted values of {@code typ}. An issuer also signs JWTs that give no access, such as logout tokens. */
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

    /** OpenID Connect Core 1.0 sections 2 and 3.3.2.11. */
    private static final Set<String> ONLY_IN_ID_TOKENS = Set.of("nonce", "at_hash", "c_hash", "s_hash");

    /** The refusal for each error code of the verifier. */
    private static final Map<Integer, TokenRefusal> REFUSALS = Map.of(
            ErrorCodes.SIGNATURE_INVALID, TokenRefusal.SIGNATURE,
            ErrorCodes.AUDIENCE_INVALID, TokenRefusal.AUDIENCE,
            ErrorCodes.AUDIENCE_MISSING, TokenRefusal.AUDIENCE,
            ErrorCodes.EXPIRED, TokenRefusal.EXPIRED,
            ErrorCodes.NOT_YET_VALID, TokenRefusal.NOT_YET_VALID);

    /** Parses a token without verifying it, only to find its issuer. */
    private static final JwtConsumer READER = new JwtConsumerBuilder()
            .setSkipAllValidators()
            .setDisableRequireSignature()
            .setSkipSignatureVerification()
            .build();

    private final String name;
    private final IssuerConfig config;
    private final IssuerKeys keys;
    private final ClaimMapping mapping;
    private final Clock clock;
    private final AlgorithmConstraints algorithms;

    TrustedIssuer(String name, IssuerConfig config, IssuerKeys keys, Clock clock) {
        this.name = name;
        this.config = config;
        this.keys = keys;
        this.mapping = new ClaimMapping(config);
        this.clock = clock;
        this.algorithms = new AlgorithmConstraints(
                ConstraintType.PERMIT, config.algorithms().toArray(String[]::new));
    }

    /** The settings of the claim mapping as a text, which changes when the settings change. */
    public String terms() {
        return mapping.terms();
    }

    /** Parses {@code token} without verifying it. Throws {@link RefusedToken}. */
    static JwtContext read(String token) {
        try {
            JwtContext read = READER.process(token);
            if (read.getJoseObjects().size() != 1 || !(read.getJoseObjects().getFirst() instanceof JsonWebSignature)) {
                throw new RefusedToken(TokenRefusal.MALFORMED);
            }
            return read;
        } catch (InvalidJwtException e) {
            throw new RefusedToken(TokenRefusal.MALFORMED);
        }
    }

    /**
     * Verifies {@code token}, which {@link #read} parsed. Fails with {@link RefusedToken}, and with {@link
     * IssuerUnavailable} when the keys cannot be fetched.
     */
    Future<VerifiedToken> verify(JwtContext token) {
        return verifyAccessToken(token).map(this::verified);
    }

    /** The claims of {@code token}, verified as that of a caller. Fails as {@link #verify(JwtContext)} does. */
    Future<JwtClaims> verifyAccessToken(JwtContext token) {
        return verify(token, config.audience(), noIdToken(token, config.acceptIdTokens()));
    }

    /**
     * Verifies the token of a user for whom a caller asks. Fails as {@link #verify(JwtContext)} does, also when the
     * settings do not allow such tokens.
     *
     * @param acceptIdToken whether the caller says that it is an ID token
     */
    Future<VerifiedSubject> verifySubject(JwtContext token, boolean acceptIdToken) {
        return config.subjectTokens()
                .map(settings -> verify(
                                token,
                                settings.audience().orElse(config.audience()),
                                noIdToken(token, acceptIdToken || config.acceptIdTokens()))
                        .map(claims -> subject(claims, settings.userClaim())))
                .orElseGet(() -> Future.failedFuture(new RefusedToken(TokenRefusal.UNFIT)));
    }

    private VerifiedSubject subject(JwtClaims claims, String userClaim) {
        Map<String, Object> all = claims.getClaimsMap();
        return new VerifiedSubject(
                verified(claims),
                ClaimMapping.user(all, userClaim).orElseThrow(() -> new RefusedToken(TokenRefusal.UNFIT)),
                mapping.namesTenants() ? Optional.of(mapping.tenants(List.of(all))) : Optional.empty(),
                all.get("may_act"),
                all.get("act"),
                end(claims, Duration.ZERO));
    }

    private VerifiedToken verified(JwtClaims claims) {
        return new VerifiedToken(identity(List.of(claims.getClaimsMap())), end(claims, config.leeway()));
    }

    private static Consumer<JwtClaims> noIdToken(JwtContext token, boolean accept) {
        boolean isMarked =
                isAccessToken((JsonWebSignature) token.getJoseObjects().getFirst());
        return claims -> {
            if (!accept && !isMarked && isIdToken(claims)) {
                throw new RefusedToken(TokenRefusal.ID_TOKEN);
            }
        };
    }

    /** The name of the caller in a claim {@code may_act} or {@code act}; empty when it names the caller in another way. */
    Optional<String> actorName(Map<String, Object> actor) {
        boolean isUnderstood = List.of("iss", "sub", config.subjectClaim()).containsAll(actor.keySet());
        return isUnderstood ? mapping.subject(actor).map(this::callerName) : Optional.empty();
    }

    /** The name of the issuer's caller with {@code subject}, for the audit trail. */
    String callerName(String subject) {
        return "token:" + name + ":" + subject;
    }

    /** RFC 9068 section 2.1. */
    private static boolean isAccessToken(JsonWebSignature signature) {
        String type = signature.getHeader("typ");
        return type != null && type.toLowerCase(Locale.ROOT).endsWith("at+jwt");
    }

    /** The claim {@code typ} decides where an issuer writes it; otherwise the claims that only ID tokens have. */
    private static boolean isIdToken(JwtClaims claims) {
        return claims.getClaimValue("typ") instanceof String type
                ? type.equalsIgnoreCase("ID")
                : ONLY_IN_ID_TOKENS.stream().anyMatch(claims::hasClaim);
    }

    /**
     * The claims of an ID token that the issuer issued to {@code clientId} for the request with {@code nonce} (OpenID
     * Connect Core 1.0 section 3.1.3.7). Fails as {@link #verify(JwtContext)} does.
     */
    Future<JwtClaims> verifyIdToken(JwtContext token, String clientId, String nonce) {
        return verify(token, List.of(clientId), claims -> {
            Object party = claims.getClaimValue("azp");
            if (!nonce.equals(claims.getClaimValue("nonce")) || (party != null && !party.equals(clientId))) {
                throw new RefusedToken(TokenRefusal.UNFIT);
            }
        });
    }

    private Future<JwtClaims> verify(JwtContext token, List<String> audience, Consumer<JwtClaims> furtherCheck) {
        JsonWebSignature signature = (JsonWebSignature) token.getJoseObjects().getFirst();
        String type = signature.getHeader("typ");
        if (!config.algorithms().contains(signature.getAlgorithmHeaderValue())) {
            return Future.failedFuture(new RefusedToken(TokenRefusal.ALGORITHM));
        }
        if (type != null && !TYPES.contains(type.toLowerCase(Locale.ROOT))) {
            return Future.failedFuture(new RefusedToken(TokenRefusal.UNFIT));
        }
        return keys.get(signature.getKeyIdHeaderValue()).map(found -> {
            JwtClaims claims = verifiedClaims(token, signature, found, audience);
            furtherCheck.accept(claims);
            // bound to a key, and the service does not check the proof of possession (RFC 8705 section 3, RFC 9449
            // section 6)
            if (claims.hasClaim("cnf")) {
                throw new RefusedToken(TokenRefusal.UNFIT);
            }
            return claims;
        });
    }

    private JwtClaims verifiedClaims(
            JwtContext token, JsonWebSignature signature, List<JsonWebKey> found, List<String> audience) {
        String id = signature.getKeyIdHeaderValue();
        if (id != null && found.stream().noneMatch(key -> id.equals(key.getKeyId()))) {
            throw new RefusedToken(TokenRefusal.UNKNOWN_KEY);
        }
        try {
            check(token, found, audience);
            return token.getJwtClaims();
        } catch (InvalidJwtException e) {
            throw new RefusedToken(refusal(e));
        }
    }

    /** The mapping of the issuer's claims. */
    ClaimMapping mapping() {
        return mapping;
    }

    /**
     * The identity in verified claims about one person. Throws {@link RefusedToken}.
     *
     * @param sources the claims; the first ones name the subject
     */
    Identity identity(List<Map<String, Object>> sources) {
        String subject = mapping.subject(sources.getFirst()).orElseThrow(() -> new RefusedToken(TokenRefusal.UNFIT));
        return new Identity(
                config.issuer(),
                callerName(subject),
                subject,
                mapping.label(sources).orElse(subject),
                mapping.bindings(sources));
    }

    private static Instant end(JwtClaims claims, Duration leeway) {
        try {
            return Instant.ofEpochSecond(claims.getExpirationTime().getValue()).plus(leeway);
        } catch (MalformedClaimException e) {
            throw new RefusedToken(TokenRefusal.UNFIT);
        }
    }

    private void check(JwtContext token, List<JsonWebKey> found, List<String> audience) throws InvalidJwtException {
        JwksVerificationKeyResolver resolver = new JwksVerificationKeyResolver(found);
        resolver.setDisambiguateWithVerifySignature(true);
        new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(algorithms)
                .setVerificationKeyResolver(resolver)
                .setExpectedIssuer(true, config.issuer())
                .setExpectedAudience(true, audience.toArray(String[]::new))
                .setRequireExpirationTime()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                .setAllowedClockSkewInSeconds(Math.toIntExact(config.leeway().toSeconds()))
                .build()
                .processContext(token);
    }

    private static TokenRefusal refusal(InvalidJwtException failure) {
        if (failure instanceof InvalidJwtSignatureException) {
            return TokenRefusal.SIGNATURE;
        }
        if (failure.getCause() instanceof UnresolvableKeyException) {
            return TokenRefusal.UNKNOWN_KEY;
        }
        if (failure.getCause() instanceof JoseException) {
            return TokenRefusal.SIGNATURE;
        }
        return REFUSALS.entrySet().stream()
                .filter(each -> failure.hasErrorCode(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(TokenRefusal.UNFIT);
    }
}
