package io.nexus.oauth.cli.connection;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The trusted certificate authorities of the service. */
public final class ServerTrust {

    private ServerTrust() {}

    /** Trusts the authorities in {@code caFile}, or Java's when it is null. Fails when the file cannot be used. */
    public static SSLContext of(Shell shell, @Nullable String caFile) {
        try {
            return caFile == null ? SSLContext.getDefault() : context(authorities(shell, caFile));
        } catch (GeneralSecurityException | IOException e) {
            throw CommandFailure.usage("--ca-file " + caFile + " cannot be used: " + e.getMessage());
        }
    }

    private static KeyStore authorities(Shell shell, String caFile) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(shell.expanded(caFile))) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem);
            if (found.isEmpty()) {
                throw new IOException("the file contains no certificate");
            }
            int number = 0;
            for (Certificate certificate : found) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
        }
        return store;
    }

    private static SSLContext context(KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
