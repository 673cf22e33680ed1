package io.nexus.oauth.provider.assertion;

import io.nexus.oauth.credential.Secret;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * A private key that signs assertions of an OAuth client ({@code private_key_jwt}), with its algorithm and its id. Immutable. Prints and
 * compares by its public part.
 */
public final class ClientKey {

    /** The most characters of a brought key, with its certificates. */
    public static final int MAX_LENGTH = 16_384;

    static final String P_256 = "P-256";
    private static final int MAX_ID = 128;
    private static final int MADE_RSA_BITS = 2048;
    static final int MIN_RSA_BITS = 2048;
    static final int MAX_RSA_BITS = 4096;

    private final PublicJsonWebKey jwk;
    private final Algorithm algorithm;
    private final String publicJwk;

    /** A signature algorithm (RFC 7518 section 3.1, {@code token_endpoint_auth_signing_alg} of RFC 7591). */
    public enum Algorithm {
        /** RSASSA-PKCS1-v1_5 with SHA-256. */
        RS256,
        /** RSASSA-PSS with SHA-256. */
        PS256,
        /** ECDSA on P-256 with SHA-256. */
        ES256;

        /** All names, for messages. */
        public static final String NAMES =
                String.join(", ", Arrays.stream(values()).map(Enum::name).toList());

        /** The algorithm called {@code name}; throws {@link IllegalArgumentException} with the names that are there. */
        public static Algorithm of(String name) {
            return Arrays.stream(values())
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("must be one of " + NAMES));
        }
    }

    private ClientKey(PublicJsonWebKey jwk, Algorithm algorithm) {
        this.jwk = jwk;
        this.algorithm = algorithm;
        this.publicJwk = jwk.toJson(OutputControlLevel.PUBLIC_ONLY);
    }

    /** Makes a new key. Blocks for up to a second with RSA. */
    public static ClientKey make(Algorithm algorithm) {
        try {
            PublicJsonWebKey jwk = algorithm == Algorithm.ES256
                    ? EcJwkGenerator.generateJwk(EllipticCurves.P256)
                    : RsaJwkGenerator.generateJwk(MADE_RSA_BITS);
            return of(jwk, algorithm);
        } catch (JoseException e) {
            throw new IllegalStateException("this Java cannot make a key for " + algorithm, e);
        }
    }

    /**
     * Reads a key of somebody else: PKCS#8 or PKCS#1 in PEM, with its certificate if it has one, or a JSON Web Key (RFC 7517). Throws
     * {@link IllegalArgumentException} whose message says what is wrong and contains nothing of the key. Blocks for some milliseconds.
     *
     * @param algorithm the algorithm, or null for that of the JWK, else RS256 or ES256 by the type of the key
     * @param id the key id; null for that of the JWK, else the thumbprint of the key (RFC 7638)
     * @param now the time, to refuse a certificate that has ended
     */
    static ClientKey parse(String text, @Nullable Algorithm algorithm, @Nullable String id, Instant now) {
        PublicJsonWebKey jwk = text.strip().startsWith("{") ? brought(text) : PemKey.parse(text, now);
        if (id != null && jwk.getKeyId() != null && !id.equals(jwk.getKeyId())) {
            throw new IllegalArgumentException("has another kid than the id beside it");
        }
        jwk.setKeyId(id == null ? jwk.getKeyId() : checkId(id));
        boolean isRsa = checkStrength(jwk);
        Algorithm chosen = algorithm != null ? algorithm : algorithmOf(jwk, isRsa);
        if (isRsa == (chosen == Algorithm.ES256)) {
            throw new IllegalArgumentException(
                    "is no key for " + chosen + ": RS256 and PS256 need RSA, ES256 needs P-256");
        }
        ClientKey key = of(jwk, chosen);
        key.requirePair();
        return key;
    }

    /** Reads what {@link #toSecret} wrote. */
    public static ClientKey of(Secret stored) {
        PublicJsonWebKey jwk = ofJson(stored.reveal());
        return new ClientKey(jwk, Algorithm.of(jwk.getAlgorithm()));
    }

    private static ClientKey of(PublicJsonWebKey jwk, Algorithm algorithm) {
        if (jwk.getKeyId() == null) {
            jwk.setKeyId(jwk.calculateBase64urlEncodedThumbprint("SHA-256")); // RFC 7638
        }
        jwk.setUse("sig");
        jwk.setAlgorithm(algorithm.name());
        return new ClientKey(jwk, algorithm);
    }

    private static PublicJsonWebKey ofJson(String json) {
        try {
            return PublicJsonWebKey.Factory.newPublicJwk(json);
        } catch (JoseException | RuntimeException e) {
            throw new IllegalArgumentException("is no private JSON Web Key of type RSA or EC");
        }
    }

    /** Only what the service uses: other members would be published. */
    private static PublicJsonWebKey brought(String json) {
        PublicJsonWebKey given = ofJson(json);
        if (given.getPrivateKey() == null) {
            throw new IllegalArgumentException("is a public key: bring the private key");
        }
        String id = given.getKeyId();
        PublicJsonWebKey kept = pair(given.getPublicKey(), given.getPrivateKey());
        kept.setKeyId(id == null ? null : checkId(id));
        kept.setAlgorithm(given.getAlgorithm());
        return kept;
    }

    /** Throws {@link IllegalArgumentException} when {@code id} cannot be a key id. */
    public static String checkId(String id) {
        if (id.isEmpty() || id.length() > MAX_ID || !id.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalArgumentException("must have an id of 1 to " + MAX_ID + " visible ASCII characters");
        }
        return id;
    }

    static PublicJsonWebKey pair(PublicKey open, PrivateKey secret) {
        try {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(open);
            jwk.setPrivateKey(secret);
            return jwk;
        } catch (JoseException e) {
            throw new IllegalArgumentException("is neither an RSA key nor a key of the curve P-256");
        }
    }

    /** Whether it is an RSA key. */
    private static boolean checkStrength(PublicJsonWebKey jwk) {
        if (jwk instanceof RsaJsonWebKey rsa) {
            int bits = rsa.getRsaPublicKey().getModulus().bitLength();
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                throw new IllegalArgumentException(
                        "is an RSA key of " + bits + " bits: it must have " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
            }
            return true;
        }
        if (jwk instanceof EllipticCurveJsonWebKey ec && ec.getCurveName().equals(P_256)) {
            return false;
        }
        throw new IllegalArgumentException("is neither an RSA key nor a key of the curve P-256");
    }

    private static Algorithm algorithmOf(PublicJsonWebKey jwk, boolean isRsa) {
        String named = jwk.getAlgorithm();
        return named != null ? Algorithm.of(named) : isRsa ? Algorithm.RS256 : Algorithm.ES256;
    }

    /** A private key with the public key of another would be published, and refused at each request. */
    private void requirePair() {
        try {
            JsonWebSignature signed = new JsonWebSignature();
            signed.setCompactSerialization(sign("{}"));
            signed.setKey(jwk.getPublicKey());
            if (signed.verifySignature()) {
                return;
            }
        } catch (JoseException | IllegalStateException e) {
            // reported below, without text of the key
        }
        throw new IllegalArgumentException("is no pair: the private key does not belong to the public key");
    }

    /**
     * The description of a public key.
     *
     * @param certificate that of its certificate, or null
     */
    public record Description(String id, String algorithm, ClientCertificate.@Nullable Details certificate) {}

    /** Reads id and algorithm of a key that {@link #publicJwk} returned. */
    public static Description describe(String publicJwk) {
        PublicJsonWebKey jwk = ofJson(publicJwk);
        X509Certificate certificate = jwk.getLeafCertificate();
        return new Description(
                jwk.getKeyId(),
                jwk.getAlgorithm(),
                certificate == null ? null : ClientCertificate.Details.of(certificate));
    }

    /** The certificate beside it, which the client can show when it connects (RFC 8705 section 2); empty when it has none. */
    public Optional<ClientCertificate> certificate() {
        return Optional.ofNullable(jwk.getCertificateChain())
                .filter(chain -> !chain.isEmpty())
                .map(chain -> new ClientCertificate(chain, jwk.getPrivateKey()));
    }

    /** The key id ({@code kid}). */
    public String id() {
        return jwk.getKeyId();
    }

    /** The signature algorithm. */
    public Algorithm algorithm() {
        return algorithm;
    }

    /** The public part as a JSON Web Key, with id, use and algorithm. */
    public String publicJwk() {
        return publicJwk;
    }

    /** The whole key as a JSON Web Key, to be sealed. */
    public Secret toSecret() {
        return Secret.of(jwk.toJson(OutputControlLevel.INCLUDE_PRIVATE));
    }

    /** {@code claims} as a signed JWT in its compact form, with the key id. Takes a millisecond with RSA. */
    String sign(String claims) {
        return sign(claims, true);
    }

    /** As {@link #sign(String)}; {@code named} says whether the header has the key id. */
    String sign(String claims, boolean named) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setHeader("typ", "JWT");
        signature.setAlgorithmHeaderValue(algorithm.name());
        if (named) {
            signature.setKeyIdHeaderValue(id());
        }
        if (jwk.getLeafCertificate() != null) {
            // Microsoft Entra finds the key by its certificate
            signature.setX509CertSha256ThumbprintHeaderValue(jwk.getLeafCertificate());
        }
        signature.setKey(jwk.getPrivateKey());
        signature.setPayload(claims);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("the client key " + id() + " cannot sign with " + algorithm);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ClientKey that && publicJwk.equals(that.publicJwk);
    }

    @Override
    public int hashCode() {
        return Objects.hash(publicJwk);
    }

    /** Without the private part. */
    @Override
    public String toString() {
        return "ClientKey[" + id() + ", " + algorithm.name().toLowerCase(Locale.ROOT) + "]";
    }
}
