package io.nexus.oauth.bench;

import io.nexus.oauth.testing.RotatingGrant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;

/**
 * An authorization server for load: it rotates strictly, counts, and closes the connection after each answer. Its rules are those of
 * {@link RotatingGrant}, as at the other providers of the tests. Its I/O is its own: one thread and no more work than that takes, so
 * that the benchmark does not measure the provider. A refresh token is {@code rt.lot.index.generation.padding}; a
 * grant comes into being with the first use of its generation 1. {@code GET /turn?delay=50} forgets the counts and tells them.
 *
 * <p>Runs in a JVM of its own; prints its port.
 */
public final class RotatingProvider {

    /** About what large providers issue. */
    static final String PADDING = "x".repeat(80);

    private static final int BACKLOG = 1024;
    private static final int LARGEST = 16 * 1024;

    private final Map<String, RotatingGrant> grants = new HashMap<>();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final Selector selector;
    private long delayNanos;
    private int count;
    private int reused;
    private int inFlight;
    private int most;
    private long firstMillis;
    private StringBuilder order = new StringBuilder();

    private record Answer(SocketChannel to, String text, long at) {}

    private RotatingProvider(Selector selector) {
        this.selector = selector;
    }

    /** Runs until it is killed, or whoever started it is gone. */
    public static void main(String[] arguments) throws IOException {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (IOException e) {
                // as good as its end
            }
            Runtime.getRuntime().halt(0);
        });
        watch.setDaemon(true);
        watch.start();
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println(server.socket().getLocalPort());
            new RotatingProvider(selector).serve(server);
        }
    }

    /** The refresh token of a generation of a grant. */
    static String refreshToken(String lot, int index, int generation) {
        return "rt." + lot + "." + index + "." + generation + "." + PADDING;
    }

    private void serve(ServerSocketChannel server) throws IOException {
        while (true) {
            Answer next = answers.peek();
            if (next == null) {
                selector.select();
            } else {
                long left = next.at - System.nanoTime();
                if (left > 0) {
                    selector.select(left / 1_000_000 + 1);
                } else {
                    selector.selectNow();
                }
            }
            Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
            while (keys.hasNext()) {
                SelectionKey key = keys.next();
                keys.remove();
                if (key.isAcceptable()) {
                    accept(server);
                } else {
                    read(key);
                }
            }
            long now = System.nanoTime();
            for (Answer due = answers.peek(); due != null && due.at - now <= 0; due = answers.peek()) {
                answers.remove();
                inFlight--;
                send(due.to, due.text);
            }
        }
    }

    private void accept(ServerSocketChannel server) throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(LARGEST));
        }
    }

    private void read(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer buffer = (ByteBuffer) key.attachment();
        try {
            if (channel.read(buffer) < 0) {
                channel.close();
                return;
            }
        } catch (IOException e) {
            channel.close();
            return;
        }
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
        int head = text.indexOf("\r\n\r\n");
        if (head >= 0 && text.length() >= head + 4 + length(text.substring(0, head))) {
            key.cancel();
            answer(channel, text, text.substring(head + 4));
        }
    }

    private static int length(String head) {
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
        return at < 0
                ? 0
                : Integer.parseInt(head.substring(at + 15).split("\r\n", 2)[0].strip());
    }

    private void answer(SocketChannel channel, String request, String form) throws IOException {
        if (request.startsWith("GET /turn?delay=")) {
            send(channel, turn(Integer.parseInt(request.substring(16).split(" ", 2)[0])));
            return;
        }
        count++;
        firstMillis = firstMillis == 0 ? System.currentTimeMillis() : firstMillis;
        most = Math.max(most, ++inFlight);
        answers.add(new Answer(channel, spend(form), System.nanoTime() + delayNanos));
    }

    private String turn(int delay) {
        String told = count + " " + reused + " " + most + " " + firstMillis + " " + order;
        delayNanos = delay * 1_000_000L;
        count = 0;
        reused = 0;
        most = 0;
        firstMillis = 0;
        order = new StringBuilder();
        return response(200, told);
    }

    private String spend(String form) {
        int at = form.indexOf("refresh_token=");
        String[] token = form.substring(at + 14).split("&", 2)[0].split("\\.");
        int generation = Integer.parseInt(token[3]);
        String grant = token[1] + "." + token[2];
        RotatingGrant.Verdict verdict = grants.computeIfAbsent(grant, ignored -> new RotatingGrant())
                .spend(RotatingGrant.STRICT, generation, false);
        if (!verdict.isGranted()) {
            reused++;
            return response(400, "{\"error\":\"invalid_grant\"}");
        }
        order.append(token[2]).append(',');
        return response(
                200,
                "{\"access_token\":\"at." + grant + "." + generation + "." + PADDING + PADDING
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\""
                        + refreshToken(token[1], Integer.parseInt(token[2]), generation + 1) + "\"}");
    }

    private static String response(int status, String body) {
        return "HTTP/1.1 " + status + " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        try (channel) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes); // small enough for the socket's buffer, but for the tale of a turn
            }
        } catch (IOException e) {
            // whoever asked has gone: its grant is spent all the same
        }
    }
}
