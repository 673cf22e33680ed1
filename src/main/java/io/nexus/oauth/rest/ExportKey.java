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

/** The public key that encrypts an export. The service itself cannot decrypt the result. */
final class ExportKey {

    private static final int MIN_RSA_BITS = 2048;

    private final PublicJsonWebKey key;
    private final String algorithm;

    private ExportKey(PublicJsonWebKey key, String algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    /** Reads a public JWK (RFC 7517). Throws {@link IllegalArgumentException}; the message never quotes the key. */
    static ExportKey of(Map<String, Object> jwk) {
        if (jwk.containsKey("d") || jwk.containsKey("k")) {
            throw new IllegalArgumentException("is a private key: send only the public key");
        }
        PublicJsonWebKey key;
        try {
            key = PublicJsonWebKey.Factory.newPublicJwk(jwk);
        } catch (JoseException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "must be a public JWK (RFC 7517) with kty, crv, x and y, or with kty, n and e");
        }
        ExportKey found = switch (key) {
            case EllipticCurveJsonWebKey ignored ->
                new ExportKey(key, KeyManagementAlgorithmIdentifiers.ECDH_ES_A256KW);
            case RsaJsonWebKey rsa
            when isLong(rsa) -> new ExportKey(key, KeyManagementAlgorithmIdentifiers.RSA_OAEP_256);
            default ->
                throw new IllegalArgumentException("must be of type EC, or RSA of " + MIN_RSA_BITS + " bits or more");
        };
        return found.verified();
    }

    /** Encrypts once, which reveals an invalid key, such as a point that is not on its curve. */
    private ExportKey verified() {
        try {
            seal("");
            return this;
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("must be a valid key of its type");
        }
    }

    private static boolean isLong(RsaJsonWebKey key) {
        BigInteger modulus = ((RSAPublicKey) key.getPublicKey()).getModulus();
        return modulus.bitLength() >= MIN_RSA_BITS;
    }

    /** The name of the key: its thumbprint (RFC 7638). */
    String name() {
        return "jwk:" + key.calculateBase64urlEncodedThumbprint("SHA-256");
    }

    /** Encrypts {@code text} as a JWE (RFC 7516). Takes about a millisecond of CPU time. */
    String seal(String text) {
        try {
            JsonWebEncryption sealed = new JsonWebEncryption();
            sealed.setAlgorithmHeaderValue(algorithm);
            sealed.setEncryptionMethodHeaderParameter(ContentEncryptionAlgorithmIdentifiers.AES_256_GCM);
            sealed.setKey(key.getPublicKey());
            sealed.setPlaintext(text);
            return sealed.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("cannot encrypt a grant with " + name(), e);
        }
    }
}
