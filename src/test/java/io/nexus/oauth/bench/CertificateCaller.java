package io.nexus.oauth.bench;

import io.nexus.oauth.access.Keytool;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** A caller that is known by the certificate of its connection, and a service that asks for one. */
final class CertificateCaller {

    static final String SUBJECT = "CN=reader,O=Bench";

    private final Path directory;
    private final SSLSocketFactory sockets;

    CertificateCaller(Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        this.directory = directory.resolve("certificates");
        Keytool.key(this.directory, "server", "CN=localhost", "san=ip:127.0.0.1");
        Keytool.key(this.directory, "reader", SUBJECT, null);
        Keytool.trust(this.directory, "reader", "trusted");
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store("server"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store("reader"), Keytool.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        this.sockets = context.getSocketFactory();
    }

    /** The service's options. */
    List<String> settings() {
        String certificate = "-Dquarkus.http.ssl.certificate.";
        return List.of(
                "-Dnexus.oauth.access.client-certificates=request",
                "-Dquarkus.http.ssl-port=0",
                certificate + "key-store-file=" + directory.resolve("server.p12"),
                certificate + "key-store-password=" + Keytool.PASSWORD,
                certificate + "trust-store-file=" + directory.resolve("trusted.p12"),
                certificate + "trust-store-password=" + Keytool.PASSWORD);
    }

    Socket connect(int port) throws IOException {
        return sockets.createSocket("127.0.0.1", port);
    }

    private KeyStore store(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
            store.load(in, Keytool.PASSWORD.toCharArray());
        }
        return store;
    }
}
