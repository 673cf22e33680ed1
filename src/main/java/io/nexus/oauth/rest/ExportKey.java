package io.nexus.oauth.rest;

import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;
import org.jose4j.jwe.ContentEncryptionAlgorithmIdentifiers;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwe.KeyManagementAlgorithmIdentifiers;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.lang.JoseException;

/** The public key of whoever may read an export. What is sealed to it does not open with anything that the service has. */
final class ExportKey {

    private static final int LEAST_RSA_BITS = 2048;

    private final PublicJsonWebKey key;
    private final String algorithm;

    private ExportKey(PublicJsonWebKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** The key of a JWK. Throws {@link IllegalArgumentException} with what is wrong, without a word of the key. */
    static ExportKey of(Map<String, Object> jwk) {
        if (jwk.containsKey("d") || jwk.containsKey("k")) {
            throw new IllegalArgumentException("is a private key: keep that, and send the public one");
        }
        PublicJsonWebKey key;
        try {
            key = PublicJsonWebKey.Factory.newPublicJwk(jwk);
        } catch (JoseException | RuntimeException e) {
            throw new IllegalArgumentException("is no public key in the form of RFC 7517");
        }
        ExportKey found = switch (key) {
            case EllipticCurveJsonWebKey ignored ->
                new ExportKey(key, KeyManagementAlgorithmIdentifiers.ECDH_ES_A256KW);
            case RsaJsonWebKey rsa
            when isLong(rsa) -> new ExportKey(key, KeyManagementAlgorithmIdentifiers.RSA_OAEP_256);
            default ->
                throw new IllegalArgumentException("must be of type EC, or RSA of " + LEAST_RSA_BITS + " bits or more");
        };
        return found.tried();
    }

    /** A point that is on no curve is only found out by its use. */
    private ExportKey tried() {
        try {
            seal("");
            return this;
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("cannot be sealed to: it is no good key of its type");
        }
    }

    private static boolean isLong(RsaJsonWebKey key) {
        BigInteger modulus = ((RSAPublicKey) key.getPublicKey()).getModulus();
        return modulus.bitLength() >= LEAST_RSA_BITS;
    }

    /** Names it: its thumbprint (RFC 7638). */
    String name() {
        return "jwk:" + key.calculateBase64urlEncodedThumbprint("SHA-256");
    }

    /** {@code text} as a JWE. Takes about a millisecond of computing. */
    String seal(String text) {
        try {
            JsonWebEncryption sealed = new JsonWebEncryption();
            sealed.setAlgorithmHeaderValue(algorithm);
            sealed.setEncryptionMethodHeaderParameter(ContentEncryptionAlgorithmIdentifiers.AES_256_GCM);
            sealed.setKey(key.getPublicKey());
            sealed.setPlaintext(text);
            return sealed.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("a grant could not be sealed to " + name(), e);
        }
    }
}
