package io.nexus.oauth.provider.assertion;

import io.nexus.oauth.credential.Secret;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jose4j.json.JsonUtil;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/**
 * Makes the assertions that authenticate a client, and those that are a grant (RFC 7523 section 3, OpenID Connect Core 1.0 section 9). Each
 * has an id of its own, so that a server can refuse its second use. One that authenticates is valid for a minute. Signs on a worker
 * thread. Safe for concurrent use.
 */
public final class ClientAssertions {

    /** The value of {@code client_assertion_type} (RFC 7523 section 2.2). */
    public static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** The fewest characters of a secret that signs: as many bytes as the digest has (RFC 7518 section 3.2). */
    public static final int MIN_SECRET_LENGTH = 32;

    /** How long an assertion is valid, in seconds. */
    public static final int LIFETIME_S = 60;

    private final Vertx vertx;
    private final InstantSource clock;

    public ClientAssertions(Vertx vertx, InstantSource clock) {
        this.vertx = vertx;
        this.clock = clock;
    }

    /** A new assertion of {@code clientId} for {@code audience}, signed with {@code key}. */
    public Uni<Secret> signed(ClientKey key, String clientId, String audience) {
        return Uni.createFrom()
                .completionStage(() -> vertx.executeBlocking(
                                () -> Secret.of(key.sign(claims(clientId, audience))), false)
                        .toCompletionStage());
    }

    /** As {@link #signed}, with the client's secret (HS256). Throws {@link IllegalArgumentException} when it is too short. */
    public Secret authenticated(Secret secret, String clientId, String audience) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setHeader("typ", "JWT");
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        signature.setKey(new HmacKey(secret.reveal().getBytes(StandardCharsets.UTF_8)));
        signature.setPayload(claims(clientId, audience));
        try {
            return Secret.of(signature.getCompactSerialization());
        } catch (JoseException e) {
            throw new IllegalArgumentException("the client secret is too short for HS256");
        }
    }

    /** A new assertion that is a grant (RFC 7523 section 2.1), signed with {@code key}. */
    public Uni<Secret> granting(ClientKey key, GrantAssertion content) {
        return Uni.createFrom()
                .completionStage(() -> vertx.executeBlocking(
                                () -> Secret.of(key.sign(claims(content), content.named())), false)
                        .toCompletionStage());
    }

    private String claims(GrantAssertion content) {
        JwtClaims claims = claims(content.lifetime(), content.leeway());
        content.claims().forEach(claims::setStringClaim);
        return claims.toJson();
    }

    private String claims(String clientId, String audience) {
        JwtClaims claims = claims(Duration.ofSeconds(LIFETIME_S), Duration.ZERO);
        claims.setIssuer(clientId);
        claims.setSubject(clientId);
        claims.setAudience(audience);
        return claims.toJson();
    }

    private JwtClaims claims(Duration lifetime, Duration leeway) {
        Instant now = clock.instant();
        JwtClaims claims = new JwtClaims();
        claims.setJwtId(UUID.randomUUID().toString());
        claims.setIssuedAt(NumericDate.fromSeconds(now.minus(leeway).getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(now.plus(lifetime).getEpochSecond()));
        return claims;
    }

    /** When an assertion of somebody else ends ({@code exp}); empty when it is no JWT with an end. Does not verify it. */
    public static Optional<Instant> end(String jwt) {
        String[] parts = jwt.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            byte[] payload = Base64.getUrlDecoder().decode(parts[1]);
            return JsonUtil.parseJson(new String(payload, StandardCharsets.UTF_8))
                                    .get("exp")
                            instanceof Number end
                    ? Optional.of(Instant.ofEpochSecond(end.longValue()))
                    : Optional.empty();
        } catch (IllegalArgumentException | JoseException | java.time.DateTimeException e) {
            return Optional.empty();
        }
    }
}
