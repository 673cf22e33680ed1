package io.nexus.oauth.provider.egress;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToIntFunction;

/**
 * A forward proxy on a loopback port. Whatever host it is asked for, it connects to a server on this machine, as a proxy that resolves
 * names on its own may.
 */
public final class ConnectProxy implements AutoCloseable {

    private final ServerSocket server;
    private final ToIntFunction<String> target;
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile String login = "";
    private volatile String answer = "";

    /** A proxy that connects to the port {@code target} of this machine. */
    public ConnectProxy(int target) {
        this(host -> target);
    }

    /** A proxy that connects to the port of this machine that {@code target} names for a host. */
    public ConnectProxy(ToIntFunction<String> target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** From now on only {@code login}, {@code user:password}, is served. */
    void accept(String login) {
        this.login = login;
    }

    /** From now on every request gets these bytes; none closes the connection. */
    void answer(String answer) {
        this.answer = answer;
    }

    /** The hosts and ports of the {@code CONNECT} requests. */
    public List<String> targets() {
        return targets;
    }

    /** What came in clear text. */
    public List<String> heads() {
        return heads;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            heads.add(head);
            targets.add(head.split(" ")[1]);
            String host = head.split("[ :]")[1];
            if (answer.equals("silence")) {
                client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                return;
            }
            boolean served =
                    login.isEmpty() || head.contains("\r\nproxy-authorization: Basic " + base64(login) + "\r\n");
            String reply = !answer.isEmpty()
                    ? answer
                    : served
                            ? "HTTP/1.1 200 Connection established\r\n\r\n"
                            : "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
                                    + "Content-Length: 0\r\n\r\n";
            if (reply.contains(" 200 ") && head.startsWith("CONNECT ")) {
                try (Socket provider = new Socket(InetAddress.getLoopbackAddress(), target.applyAsInt(host))) {
                    sockets.add(provider);
                    write(client, reply);
                    Thread up = Thread.ofVirtual().start(() -> copy(client, provider));
                    copy(provider, client);
                    up.join();
                }
            } else {
                write(client, reply);
            }
        } catch (IOException | InterruptedException e) {
            // the client or the provider went away
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // closed
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int each = in.read();
            if (each < 0) {
                throw new IOException("the client went away");
            }
            head.append((char) each);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket each : sockets) {
            each.close();
        }
    }
}
