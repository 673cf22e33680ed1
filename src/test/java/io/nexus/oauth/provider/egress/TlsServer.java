package io.nexus.oauth.provider.egress;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.nexus.oauth.access.Keytool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A provider or issuer by https on a loopback port, with a certificate of its own for some names. */
public final class TlsServer implements AutoCloseable {

    private final HttpsServer server;
    private volatile String[] protocols = {"TLSv1.2", "TLSv1.3"};
    private final Path certificate;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> subjects = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final Map<String, String> documents = new ConcurrentHashMap<>();

    /**
     * A server.
     *
     * @param names the alternative names of its certificate, as keytool writes them: {@code dns:a,ip:127.0.0.1}
     */
    public TlsServer(Path directory, String names) throws Exception {
        this(directory, names, null);
    }

    /** A server that wants one of the client certificates in {@code clients}, unless it is null. */
    public TlsServer(Path directory, String names, @Nullable KeyStore clients) throws Exception {
        certificate = Keytool.key(directory, "server", "CN=provider", "san=" + names);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("server.p12"))) {
            store.load(in, Keytool.PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, Keytool.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(clients);
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters own = context.getDefaultSSLParameters();
                own.setNeedClientAuth(clients != null);
                own.setProtocols(protocols);
                parameters.setSSLParameters(own);
            }
        });
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            byte[] body = documents.getOrDefault(path, "{}").getBytes(StandardCharsets.UTF_8);
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            if (clients != null) {
                subjects.add(((HttpsExchange) exchange)
                        .getSSLSession()
                        .getPeerPrincipal()
                        .getName());
            }
            exchange.getResponseHeaders()
                    .set("Content-Type", path.equals("/userinfo") ? "application/jwt" : "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** From now on the server speaks {@code version} of TLS only. */
    public void speaking(String version) {
        protocols = new String[] {version};
    }

    /** From now on {@code path} is answered with {@code body}. */
    public void answer(String path, String body) {
        documents.put(path, body);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The certificate, to be trusted. */
    public Path certificate() {
        return certificate;
    }

    /** The methods and paths of the requests. */
    public List<String> requests() {
        return requests;
    }

    /** The bodies of the requests. */
    public List<String> bodies() {
        return bodies;
    }

    /** The subjects of the client certificates that the requests showed. */
    public List<String> subjects() {
        return subjects;
    }

    /** Their {@code Authorization} headers. */
    public List<String> authorizations() {
        return authorizations;
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
    }
}
