package io.nexus.oauth.provider.assertion;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that an OAuth client shows when it connects (RFC 8705 section 2), with its private key. Immutable. Prints its
 * fingerprint.
 */
public final class ClientCertificate {

    /** The most certificates of a chain, its first included. */
    public static final int MAX_CHAIN = 5;

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final String fingerprint;

    ClientCertificate(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
        this.fingerprint = digest(this.chain);
    }

    /**
     * The public part of a certificate.
     *
     * @param subject the distinguished name (RFC 2253), as a server compares it with {@code tls_client_auth_subject_dn}
     * @param sha256 the SHA-256 of the certificate in hexadecimal digits
     * @param notAfter when it ends
     */
    public record Details(String subject, String sha256, Instant notAfter) {

        static Details of(X509Certificate certificate) {
            return new Details(
                    certificate.getSubjectX500Principal().getName(),
                    digest(List.of(certificate)),
                    certificate.getNotAfter().toInstant());
        }
    }

    /** Its details. */
    public Details details() {
        return Details.of(chain.getFirst());
    }

    /** The SHA-256 of the whole chain, in hexadecimal digits: another one needs other connections. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Whether it has ended at {@code now}. */
    public boolean hasEnded(Instant now) {
        return now.isAfter(chain.getFirst().getNotAfter().toInstant());
    }

    /**
     * Shows the certificate to each server, whatever authorities the server names: a certificate that signed itself has none (RFC 8705
     * section 2.2).
     */
    public X509KeyManager keyManager() {
        return new OneCertificate();
    }

    private static String digest(List<X509Certificate> certificates) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (X509Certificate certificate : certificates) {
                digest.update(certificate.getEncoded());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    @Override
    public String toString() {
        return "ClientCertificate[" + fingerprint + "]";
    }

    private final class OneCertificate extends X509ExtendedKeyManager {

        private static final String ALIAS = "client";

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
            return Arrays.asList(keyTypes).contains(key.getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
            return null; // Netty has engines only
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }
    }
}
