package io.nexus.oauth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/** A service account as Kubernetes would vouch for it: its token, and the issuer's keys in a file. */
final class TokenCaller {

    static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    static final String SUBJECT = "system:serviceaccount:bench:reader";
    private static final String AUDIENCE = "nexus-oauth";

    private final Path directory;
    private final PublicJsonWebKey key;

    TokenCaller(Path directory) throws JoseException {
        this.directory = directory;
        key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("bench");
    }

    /** The service's options. */
    List<String> settings() throws IOException {
        Path keys = Files.writeString(
                directory.resolve("keys.json"),
                new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
        String issuer = "-Dnexus.oauth.access.issuers.kubernetes.";
        return List.of(issuer + "issuer=" + ISSUER, issuer + "audience=" + AUDIENCE, issuer + "jwks-file=" + keys);
    }

    /** Good for an hour. */
    String token() throws JoseException {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setSubject(SUBJECT);
        claims.setAudience(AUDIENCE);
        claims.setIssuedAtToNow();
        claims.setExpirationTimeMinutesInTheFuture(60);
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(key.getPrivateKey());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue("RS256");
        return signature.getCompactSerialization();
    }
}
