package io.nexus.oauth.provider.assertion;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jspecify.annotations.Nullable;

/** Reads a private key in PEM (RFC 7468 section 10), and the certificate beside it. */
final class PemKey {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

    /** The end of a P-256 key that holds its public point: a BIT STRING with an uncompressed point (RFC 5915 section 3). */
    private static final byte[] POINT = {0x03, 0x42, 0x00, 0x04};

    private static final int COORDINATE = 32;

    private PemKey() {}

    /** Throws {@link IllegalArgumentException}, without anything of the key. */
    static PublicJsonWebKey parse(String text, Instant now) {
        byte[] encoded = null;
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            byte[] bytes = decoded(block.group(2));
            switch (block.group(1)) {
                case "PRIVATE KEY" -> encoded = bytes;
                case "RSA PRIVATE KEY" -> encoded = pkcs8(Der.RSA_ENCRYPTION, bytes);
                case "EC PRIVATE KEY" -> encoded = pkcs8(Der.EC_P_256, bytes);
                case "CERTIFICATE" -> certificates.add(certificate(bytes, now));
                case "PUBLIC KEY", "EC PARAMETERS" -> {
                    // it follows from the private key
                }
                default ->
                    throw new IllegalArgumentException(
                            "is not PKCS#8 without a password: convert it with openssl pkcs8 -topk8 -nocrypt");
            }
        }
        if (encoded == null) {
            throw new IllegalArgumentException("must be a private key: PKCS#8 or PKCS#1 in PEM, or a JSON Web Key");
        }
        if (certificates.size() > ClientCertificate.MAX_CHAIN) {
            throw new IllegalArgumentException("has " + certificates.size() + " certificates: a chain has "
                    + ClientCertificate.MAX_CHAIN + " at most, that of the client first");
        }
        return jwk(encoded, certificates);
    }

    private static PublicJsonWebKey jwk(byte[] encoded, List<X509Certificate> certificates) {
        try {
            PrivateKey secret = privateKey(encoded);
            PublicKey open = publicKey(secret, encoded, certificates);
            PublicJsonWebKey jwk = ClientKey.pair(open, secret);
            if (!certificates.isEmpty()) {
                if (!certificates.getFirst().getPublicKey().equals(open)) {
                    throw new IllegalArgumentException("does not belong to the certificate beside it");
                }
                jwk.setCertificateChain(certificates);
            }
            return jwk;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is neither an RSA key nor a key of the curve P-256");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /**
     * A key of PKCS #1 (RFC 8017 appendix A.1.2), as GitHub gives it, or of SEC 1 (RFC 5915), as cert-manager gives it, in the envelope of
     * PKCS #8 (RFC 5208 section 5).
     */
    private static byte[] pkcs8(byte[] algorithm, byte[] bare) {
        byte[] key = Der.of(Der.OCTET_STRING, bare);
        Arrays.fill(bare, (byte) 0);
        byte[] encoded = Der.of(Der.SEQUENCE, Der.VERSION_0, algorithm, key);
        Arrays.fill(key, (byte) 0);
        return encoded;
    }

    /** As much of the encoding rules of ASN.1 (X.690) as an envelope needs. */
    private static final class Der {
        static final int OCTET_STRING = 0x04;
        static final int SEQUENCE = 0x30;
        static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

        /** The algorithm 1.2.840.113549.1.1.1 without parameters. */
        static final byte[] RSA_ENCRYPTION = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

        /** The algorithm 1.2.840.10045.2.1 with the curve 1.2.840.10045.3.1.7. */
        static final byte[] EC_P_256 = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");

        private static byte[] of(int tag, byte[]... parts) {
            int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
            ByteBuffer value = ByteBuffer.allocate(4 + length).put((byte) tag);
            if (length < 0x80) {
                value.put((byte) length);
            } else if (length < 0x100) {
                value.put((byte) 0x81).put((byte) length);
            } else {
                value.put((byte) 0x82).putShort((short) length); // a PEM text of a client key is shorter than 64 KiB
            }
            for (byte[] part : parts) {
                value.put(part);
            }
            return Arrays.copyOf(value.array(), value.position());
        }
    }

    private static PrivateKey privateKey(byte[] encoded) throws GeneralSecurityException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (GeneralSecurityException e) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }

    private static PublicKey publicKey(PrivateKey secret, byte[] encoded, List<X509Certificate> certificates)
            throws GeneralSecurityException {
        if (secret instanceof RSAPrivateCrtKey rsa) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
        }
        if (secret instanceof ECPrivateKey ec) {
            if (ec.getParams().getCurve().getField().getFieldSize() != 8 * COORDINATE) {
                throw new GeneralSecurityException("another curve");
            }
            ECPoint point = point(encoded);
            if (point != null) {
                return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, ec.getParams()));
            }
            if (!certificates.isEmpty()) {
                return certificates.getFirst().getPublicKey(); // that both are a pair is checked later
            }
            throw new IllegalArgumentException(
                    "does not hold its public key: make it with openssl genpkey, or bring a JSON Web Key");
        }
        throw new GeneralSecurityException("no RSA key with its prime factors");
    }

    private static @Nullable ECPoint point(byte[] encoded) {
        int start = encoded.length - 2 * COORDINATE;
        int mark = start - POINT.length;
        if (mark < 0 || !Arrays.equals(encoded, mark, start, POINT, 0, POINT.length)) {
            return null;
        }
        return new ECPoint(
                new BigInteger(1, encoded, start, COORDINATE),
                new BigInteger(1, encoded, start + COORDINATE, COORDINATE));
    }

    private static X509Certificate certificate(byte[] bytes, Instant now) {
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes));
            if (now.isBefore(certificate.getNotBefore().toInstant())) {
                throw new IllegalArgumentException("has a certificate that begins at "
                        + certificate.getNotBefore().toInstant() + ": it is not valid yet");
            }
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                throw new IllegalArgumentException("has a certificate that ended at "
                        + certificate.getNotAfter().toInstant() + ": renew it");
            }
            return certificate;
        } catch (CertificateException e) {
            throw new IllegalArgumentException("has a certificate beside it that cannot be read");
        }
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is damaged: its text is no Base64");
        }
    }
}
