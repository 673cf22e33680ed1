package io.nexus.oauth.provider.egress;

import com.sun.net.httpserver.HttpsConfigurator;
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

/** A provider or issuer by https on a loopback port, with a certificate of its own for some names. */
public final class TlsServer implements AutoCloseable {

    private final HttpsServer server;
    private final Path certificate;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final Map<String, String> documents = new ConcurrentHashMap<>();

    /**
     * A server.
     *
     * @param names the alternative names of its certificate, as keytool writes them: {@code dns:a,ip:127.0.0.1}
     */
    public TlsServer(Path directory, String names) throws Exception {
        certificate = Keytool.key(directory, "server", "CN=provider", "san=" + names);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("server.p12"))) {
            store.load(in, Keytool.PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, Keytool.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            byte[] body = documents.getOrDefault(path, "{}").getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders()
                    .set("Content-Type", path.equals("/userinfo") ? "application/jwt" : "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
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

    /** Their {@code Authorization} headers. */
    public List<String> authorizations() {
        return authorizations;
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
    }
}
