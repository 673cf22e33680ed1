package io.nexus.oauth.provider;

import io.nexus.oauth.testing.PlainHttp;
import io.nexus.oauth.testing.PlainHttp.Request;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;

/** A real HTTP server on a loopback port that answers as told, badly if need be. The last script repeats. */
public final class ScriptedServer implements AutoCloseable {

    public interface Script {
        void answer(Socket socket) throws IOException;
    }

    private final ServerSocket server;
    private final Queue<Script> scripts = new ArrayDeque<>();
    private final Map<String, Script> byPath = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    public ScriptedServer(Script... scripts) {
        this.scripts.addAll(List.of(scripts));
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public ScriptedServer at(String path, Script script) {
        byPath.put(path, script);
        return this;
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    public List<Request> requests() {
        return requests;
    }

    public Request request() {
        if (requests.size() != 1) {
            throw new AssertionError("expected one request, not " + requests.size());
        }
        return requests.getFirst();
    }

    public static Script json(int status, String body) {
        return reply(status, "Content-Type: application/json", body);
    }

    public static Script reply(int status, String headers, String body) {
        return reply(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    public static Script reply(int status, String headers, byte[] body) {
        return socket -> PlainHttp.write(socket, PlainHttp.message(status, headers, body));
    }

    /** JSON, compressed although nobody asked for it. */
    public static Script gzip(int status, String body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reply(status, "Content-Type: application/json\r\nContent-Encoding: gzip", bytes.toByteArray());
    }

    /** Replaces what is answered from now on. */
    public synchronized void now(Script script) {
        scripts.clear();
        scripts.add(script);
    }

    public static Script raw(String text) {
        return socket -> write(socket, text);
    }

    /** Resets the connection instead of answering. */
    public static Script reset() {
        return socket -> socket.setSoLinger(true, 0);
    }

    /** Says nothing until the client goes away. */
    public static Script silence() {
        return socket -> {
            while (socket.getInputStream().read() >= 0) {
                continue;
            }
        };
    }

    /** Sends one byte at a time, for ever. */
    public static Script drip() {
        return socket -> {
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
            while (true) {
                write(socket, " ");
                try {
                    Thread.sleep(10);
                } catch (InterruptedException e) {
                    return;
                }
            }
        };
    }

    /** Sends {@code length} bytes. */
    public static Script flood(int length) {
        return socket -> {
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
            byte[] part = new byte[64 * 1024];
            for (int sent = 0; sent < length; sent += part.length) {
                socket.getOutputStream().write(part);
            }
        };
    }

    private static void write(Socket socket, String text) throws IOException {
        PlainHttp.write(socket, text.getBytes(StandardCharsets.UTF_8));
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Request request = Request.read(new BufferedInputStream(socket.getInputStream()));
            requests.add(request);
            script(request).answer(socket);
        } catch (IOException e) {
            // the client went away, or the script cut it off
        }
    }

    private synchronized Script script(Request request) {
        String path = request.path();
        if (byPath.containsKey(path)) {
            return byPath.get(path);
        }
        Script next = scripts.size() > 1 ? scripts.poll() : scripts.peek();
        return next == null ? reply(404, "", "") : next;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
