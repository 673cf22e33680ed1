package io.nexus.oauth.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A stub of the service that returns any answer a test needs. */
final class StubService implements AutoCloseable {

    static final String CREDENTIAL = "018f0000-0000-7000-8000-000000000001";
    static final String TOKEN = """
            {"access_token": "the-token", "token_type": "Bearer", "header": "Authorization: Bearer", "version": 1,
             "credential_id": "%s", "scopes": [], "refresh_state": "fresh"}""".formatted(CREDENTIAL);

    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> sent = new CopyOnWriteArrayList<>();

    private record Answer(int status, String body, int times) {}

    StubService() throws IOException {
        server.setExecutor(threads);
        server.createContext("/api/v1", exchange -> {
            String path = exchange.getRequestURI().getPath().substring("/api/v1".length());
            asked.add(exchange.getRequestURI().toString());
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (!body.isEmpty()) {
                sent.add(body);
            }
            Answer answer = answers.getOrDefault(path, new Answer(500, "", 1));
            exchange.sendResponseHeaders(answer.status(), 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < answer.times(); i++) {
                    out.write(answer.body().getBytes(StandardCharsets.UTF_8));
                }
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on {@code path} is answered so. */
    StubService on(String path, int status, String body) {
        return on(path, status, body, 1);
    }

    /** As the other one, with {@code body} that many {@code times}. */
    StubService on(String path, int status, String body, int times) {
        answers.put(path, new Answer(status, body, times));
        return this;
    }

    /** A problem as the service tells of it. */
    static String problem(String slug, int status) {
        return "{\"type\": \"urn:nexus-oauth:problem:" + slug
                + "\", \"title\": \"It is so\", \"detail\": \"It is so\", \"status\": " + status + "}";
    }

    /** What was asked for, with its query. */
    List<String> asked() {
        return asked;
    }

    /** The bodies of the requests that had one. */
    List<String> sent() {
        return sent;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
