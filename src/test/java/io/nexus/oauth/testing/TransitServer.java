package io.nexus.oauth.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;

/**
 * A key service that speaks Transit's protocol on loopback: AES-256-GCM under versioned keys, tokens, the Kubernetes login, and what a
 * server answers that is sealed, slow or elsewhere.
 */
public final class TransitServer implements AutoCloseable {

    public static final String KEY = "nexus-oauth";
    public static final String TOKEN = "hvs.CANARY-token";
    public static final String ROLE = "nexus";
    public static final String JWT = "CANARY.service.account";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE = 12;

    /** What is the matter with the server. */
    public enum Trouble {
        NONE,
        SEALED,
        SILENT,
        REDIRECTING,
        TALKATIVE,
        CONFUSED
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<byte[]> versions = new CopyOnWriteArrayList<>();
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Trouble trouble = Trouble.NONE;
    private volatile String namespace = "";

    public TransitServer() {
        this(null);
    }

    /** With TLS when there is a {@code context}. */
    public TransitServer(SSLContext context) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (context == null) {
                server = HttpServer.create(address, 16);
            } else {
                HttpsServer secure = HttpsServer.create(address, 16);
                secure.setHttpsConfigurator(new HttpsConfigurator(context));
                server = secure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tokens.add(TOKEN);
        rotate();
        server.setExecutor(threads);
        server.createContext("/v1/", this::answer);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String url() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port();
    }

    /** The paths that were asked for. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    public void suffer(Trouble trouble) {
        this.trouble = trouble;
    }

    /** Everything is in the namespace {@code name} from now on. */
    public void moveTo(String name) {
        namespace = name;
    }

    public void forget(String token) {
        tokens.remove(token);
    }

    /** Encrypts under a new version of the key from now on. */
    public void rotate() {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        versions.add(key);
    }

    /** What {@code vault write transit/encrypt/nexus-oauth} answers. */
    public String wrap(byte[] plaintext) {
        try {
            byte[] nonce = new byte[NONCE];
            RANDOM.nextBytes(nonce);
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, versions.size(), nonce);
            byte[] sealed = cipher.doFinal(plaintext);
            byte[] all = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, all, NONCE, sealed.length);
            return "vault:v" + versions.size() + ":" + Base64.getEncoder().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A wrapped master key. */
    public String wrap(String masterKey) {
        return wrap(Base64.getUrlDecoder().decode(masterKey));
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private Cipher cipher(int mode, int version, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(versions.get(version - 1), "AES"), new GCMParameterSpec(128, nonce));
        return cipher;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        JsonObject body = new JsonObject(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        switch (trouble) {
            case SEALED -> send(exchange, 503, errors("Vault is sealed"));
            case SILENT -> {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.close();
            }
            case REDIRECTING -> {
                exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1" + path);
                send(exchange, 307, "");
            }
            case TALKATIVE -> send(exchange, 200, "{\"data\":\"" + "x".repeat(200_000) + "\"}");
            case CONFUSED -> send(exchange, 200, "{\"data\": {\"plaintext\": {\"CANARY\": 1}}}");
            case NONE -> serve(exchange, path, body);
        }
    }

    private void serve(HttpExchange exchange, String path, JsonObject body) throws IOException {
        String inside = String.valueOf(exchange.getRequestHeaders().getFirst("X-Vault-Namespace"));
        if (!exchange.getRequestMethod().equals("POST")
                || !"true".equals(exchange.getRequestHeaders().getFirst("X-Vault-Request"))
                || !(namespace.isEmpty() || namespace.equals(inside))) {
            send(exchange, 404, errors("no handler for route"));
        } else if (path.equals("/v1/auth/kubernetes/login")) {
            login(exchange, body);
        } else if (!tokens.contains(String.valueOf(exchange.getRequestHeaders().getFirst("X-Vault-Token")))) {
            send(exchange, 403, errors("permission denied"));
        } else if (path.equals("/v1/transit/decrypt/" + KEY)) {
            decrypt(exchange, body.getString("ciphertext"));
        } else {
            send(exchange, 404, errors("no handler for route"));
        }
    }

    private void login(HttpExchange exchange, JsonObject body) throws IOException {
        if (!ROLE.equals(body.getString("role"))) {
            send(exchange, 400, errors("invalid role name"));
        } else if (!JWT.equals(body.getString("jwt"))) {
            send(exchange, 403, errors("permission denied"));
        } else {
            String token = "hvs.CANARY-" + RANDOM.nextLong();
            tokens.add(token);
            send(exchange, 200, new JsonObject(Map.of("auth", Map.of("client_token", token))).encode());
        }
    }

    private void decrypt(HttpExchange exchange, String ciphertext) throws IOException {
        try {
            String[] parts = ciphertext.split(":", 3);
            byte[] all = Base64.getDecoder().decode(parts[2]);
            int version = Integer.parseInt(parts[1].substring(1));
            byte[] plaintext = cipher(Cipher.DECRYPT_MODE, version, Arrays.copyOf(all, NONCE))
                    .doFinal(all, NONCE, all.length - NONCE);
            String text = Base64.getEncoder().encodeToString(plaintext);
            send(exchange, 200, new JsonObject(Map.of("data", Map.of("plaintext", text))).encode());
        } catch (GeneralSecurityException | RuntimeException e) {
            send(exchange, 400, errors("cipher: message authentication failed"));
        }
    }

    private static String errors(String text) {
        return new JsonObject(Map.of("errors", List.of(text))).encode();
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }
}
