package io.nexus.oauth.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A network between us and a server on loopback that can be broken in the ways networks break. */
public final class TcpFaultProxy implements AutoCloseable {

    /** What the network does. */
    public enum Mode {
        /** Works. */
        PASS,
        /** Acknowledges and swallows everything, as a host does whose process hangs. What passes through once never works again. */
        BLACKHOLE,
        /** Resets connections, present and new ones. */
        RESET,
        /** Resets the present connections and lets nobody in. */
        REFUSE
    }

    private static final int BUFFER = 16 * 1024;

    private final InetSocketAddress server;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile Mode mode = Mode.PASS;
    private volatile ServerSocket listener;

    /** In front of {@code serverPort}. */
    public TcpFaultProxy(int serverPort) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        this.listener = listen(0);
        this.port = listener.getLocalPort();
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** How many connections came since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** How many connections are up on the side of the client. */
    public int open() {
        return links.size();
    }

    /** From now on does {@code next}. */
    public synchronized void mode(Mode next) {
        mode = next;
        switch (next) {
            case BLACKHOLE -> links.forEach(link -> link.dead = true);
            case RESET -> links.forEach(Link::reset);
            case REFUSE -> {
                shut();
                links.forEach(Link::reset);
            }
            case PASS -> {}
        }
        if (next != Mode.REFUSE && listener.isClosed()) {
            listener = listen(port);
        }
    }

    @Override
    public synchronized void close() {
        shut();
        links.forEach(Link::reset);
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 8192);
            Thread.ofVirtual().start(() -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void shut() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                accepted.incrementAndGet();
                Link link = new Link(client);
                if (mode == Mode.RESET || mode == Mode.REFUSE) {
                    link.reset();
                } else {
                    link.dead = mode == Mode.BLACKHOLE;
                    links.add(link);
                    Thread.ofVirtual().start(link::run);
                }
            } catch (IOException e) {
                // closed, or the client left before it was let in
            }
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile boolean dead;

        Link(Socket client) {
            this.client = client;
        }

        void run() {
            try {
                upstream.connect(server);
                Thread.ofVirtual().start(() -> pump(upstream, client));
                pump(client, upstream);
            } catch (IOException e) {
                reset();
            }
        }

        private void pump(Socket from, Socket to) {
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!dead) {
                        out.write(buffer, 0, read);
                    }
                }
            } catch (IOException e) {
                // both ends are closed below
            }
            if (from == client || !dead) {
                reset();
            }
        }

        void reset() {
            links.remove(this);
            try {
                client.setSoLinger(true, 0);
                client.close();
                upstream.close();
            } catch (IOException e) {
                // closed by the other side meanwhile
            }
        }
    }
}
