package io.nexus.oauth.canary;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider that gives easily found tokens, and repeats everything it was sent in its errors. What a refresh is answered with is
 * named by the refresh token. It is no script of the strict provider: it knows no grants, and it also answers to codes.
 */
final class EchoProvider implements AutoCloseable {

    private final HttpServer server;
    private final String marker;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, String> seen = new ConcurrentHashMap<>();

    EchoProvider(String marker) throws IOException {
        this.marker = marker;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/token", this::token);
        server.createContext("/revoke", exchange -> answer(exchange, 200, "text/plain", body(exchange)));
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The secrets that were given and received, by name. */
    Map<String, String> seen() {
        return seen;
    }

    private void token(HttpExchange exchange) throws IOException {
        String sent = body(exchange);
        String echo = sent + " " + exchange.getRequestHeaders().getFirst("Authorization");
        noteField(sent, "code_verifier");
        if (sent.contains("fail-500")) {
            answer(exchange, 500, "text/html", "<pre>" + echo + "</pre>");
        } else if (sent.contains("fail-grant")) {
            answer(exchange, 400, "application/json", error("invalid_grant", echo));
        } else if (sent.contains("fail-client")) {
            answer(exchange, 401, "application/json", error("invalid_client", echo));
        } else if (sent.contains("fail-odd")) {
            answer(
                    exchange,
                    200,
                    "application/json",
                    "{\"access_token\":\"" + echo + "\\r\\nX: y\",\"x\":\"" + echo + "\"}");
        } else {
            int number = count.incrementAndGet();
            String access = note("access-" + number, marker + "access" + number + "zzzzzzzz");
            String refresh = note("refresh-" + number, marker + "refresh" + number + "zzzzzzzz");
            answer(
                    exchange,
                    200,
                    "application/json",
                    "{\"access_token\":\"" + access + "\",\"refresh_token\":\"" + refresh
                            + "\",\"expires_in\":3600,\"token_type\":\"Bearer\"}");
        }
    }

    private static String error(String code, String echo) {
        return "{\"error\":\"" + code + "\",\"error_description\":\"" + echo + "\"}";
    }

    private void noteField(String form, String field) {
        for (String pair : form.split("&")) {
            if (pair.startsWith(field + "=")) {
                note(
                        field + "-" + seen.size(),
                        URLDecoder.decode(pair.substring(field.length() + 1), StandardCharsets.UTF_8));
            }
        }
    }

    private String note(String name, String secret) {
        seen.put(name, secret);
        return secret;
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
