package io.nexus.oauth.provider.egress;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The certificate authorities trusted for providers: those of the Java runtime, and those of an optional file. */
public final class TrustAnchors {

    private TrustAnchors() {}

    /**
     * The authorities that the runtime trusts, and the certificates in the PEM file. Blocks. Throws {@link
     * IllegalStateException} when the file cannot be read or has no certificate.
     */
    public static TrustOptions with(Path file) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            List<Certificate> certificates = new ArrayList<>(read(file));
            if (certificates.isEmpty()) {
                throw new IllegalStateException(fault(file, "has no certificate"));
            }
            for (TrustManager manager : managers(null)) {
                if (manager instanceof X509TrustManager x509) {
                    certificates.addAll(List.<X509Certificate>of(x509.getAcceptedIssuers()));
                }
            }
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("ca-" + i, certificates.get(i));
            }
            return TrustOptions.wrap(managers(store)[0]);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(fault(file, "cannot be read: " + e.getMessage()), e);
        }
    }

    private static List<Certificate> read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
        }
    }

    private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static String fault(Path file, String what) {
        return "nexus.oauth.providers.ca-file: " + file + " " + what;
    }
}
