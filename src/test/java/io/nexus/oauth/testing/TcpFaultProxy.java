package io.nexus.oauth.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy between a client and a server on loopback. It breaks connections in the ways in which networks break them: it swallows
 * bytes, resets, refuses, closes half of a connection, cuts answers and delivers requests late.
 */
public final class TcpFaultProxy implements AutoCloseable {

    /** What the network does. */
    public enum Mode {
        /** Carries everything. */
        PASS,
        /**
         * Acknowledges and swallows everything, like a host whose process hangs. A connection that was open in this mode never works
         * again.
         */
        BLACKHOLE,
        /**
         * Swallows everything, like a lost route. A connection that sent something in this mode is reset when the mode ends; the others
         * go on.
         */
        PARTITION,
        /** Resets open connections and new ones. */
        RESET,
        /** Resets open connections and refuses new ones. */
        REFUSE,
        /** Refuses new connections; the open ones go on. */
        REFUSE_NEW,
        /** Loses answers: resets the connection when the request has arrived. */
        CUT_AFTER_REQUEST,
        /** Resets the connection after some bytes of the answer. */
        CUT_IN_ANSWER,
        /** Resets the client, and delivers its request seconds later. */
        LATE,
        /** Tells the clients of the open connections that the server sends no more; the other direction stays open. */
        HALF_CLOSE
    }

    /** Is told what the proxy does; the default tells nobody. */
    public interface Listener {

        /** The proxy is about to enter {@code mode}. */
        default void entered(Mode mode) {}

        /**
         * The proxy cut a connection on purpose.
         *
         * @param port the port by which the server knows the connection
         * @param why {@code partition}, {@code after_request}, {@code in_answer}, {@code late} or {@code reset}
         */
        default void cut(int port, String why) {}
    }

    private static final int BUFFER = 16 * 1024;
    private static final int BACKLOG = 8192;
    private static final int PARTITION_POLL_MS = 20;

    /** Longer than the pause after an unknown outcome, shorter than the quarantine of tokens that live half a minute. */
    private static final int LATE_LEAST_MS = 2200;

    private static final int LATE_MOST_MS = 3500;

    private final InetSocketAddress server;
    private final Listener heard;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile Mode mode = Mode.PASS;
    private volatile ServerSocket listener;
    private volatile double probability = 1;
    private volatile int bytes;
    private volatile String trigger = "";

    /** In front of {@code serverPort}. */
    public TcpFaultProxy(int serverPort) {
        this(serverPort, new Listener() {});
    }

    /** In front of {@code serverPort}; tells {@code heard} what it does. */
    public TcpFaultProxy(int serverPort, Listener heard) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
        this.heard = heard;
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

    /** The modes that cut hit a request with this probability. */
    public TcpFaultProxy probability(double each) {
        probability = each;
        return this;
    }

    /** {@link Mode#CUT_IN_ANSWER} lets at most so many bytes of an answer through. */
    public TcpFaultProxy bytes(int most) {
        bytes = most;
        return this;
    }

    /** The modes that cut hit only requests that contain {@code text}. */
    public TcpFaultProxy trigger(String text) {
        trigger = text;
        return this;
    }

    /** From now on does {@code next}. */
    public synchronized void mode(Mode next) {
        heard.entered(next);
        mode = next;
        boolean refuses = next == Mode.REFUSE || next == Mode.REFUSE_NEW;
        if (refuses) {
            shut();
        }
        switch (next) {
            case BLACKHOLE -> links.forEach(link -> link.dead = true);
            case RESET, REFUSE -> links.forEach(link -> link.reset("reset"));
            case HALF_CLOSE -> links.forEach(Link::halfClose);
            default -> {}
        }
        if (!refuses && listener.isClosed()) {
            listener = listen(port);
        }
    }

    @Override
    public synchronized void close() {
        shut();
        links.forEach(Link::drop);
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), BACKLOG);
            Thread.ofPlatform().daemon().name("proxy " + socket.getLocalPort()).start(() -> accept(socket));
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

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Link link = new Link(from.accept());
                accepted.incrementAndGet();
                links.add(link);
                switch (mode) {
                    case RESET, REFUSE -> link.drop();
                    case BLACKHOLE -> link.start(true);
                    default -> link.start(false);
                }
            } catch (IOException e) {
                // the listener is closed, or the client left before it was let in
            }
        }
    }

    private static void hardClose(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    /** One connection of a client, and the connection to the server for it. */
    private final class Link {
        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile boolean dead;
        private volatile int cutAfter = -1;

        Link(Socket client) {
            this.client = client;
        }

        void start(boolean isDead) {
            if (isDead) {
                dead = true;
            }
            Thread.ofVirtual().start(() -> {
                try {
                    client.setTcpNoDelay(true);
                    upstream.connect(server);
                    upstream.setTcpNoDelay(true);
                } catch (IOException e) {
                    drop();
                    return;
                }
                Thread.ofVirtual().start(() -> pump(true));
                pump(false);
            });
        }

        void halfClose() {
            try {
                client.shutdownOutput();
            } catch (IOException e) {
                // closed already
            }
        }

        /** Cuts the connection on purpose. */
        void reset(String why) {
            int known = upstream.getLocalPort();
            boolean wasUp = links.remove(this);
            if (wasUp && known > 0) {
                heard.cut(known, why);
            }
            drop();
        }

        /** Resets both sides. */
        void drop() {
            links.remove(this);
            hardClose(client);
            hardClose(upstream);
        }

        /** Carries bytes one way until a side ends. */
        private void pump(boolean request) {
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = (request ? client : upstream).getInputStream();
                OutputStream out = (request ? upstream : client).getOutputStream();
                int n = in.read(buffer);
                while (n >= 0 && carries(request, buffer, n, out)) {
                    n = in.read(buffer);
                }
                if (n < 0) {
                    ended(request);
                }
            } catch (IOException e) {
                if (request || !dead) {
                    drop();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** What was sent has ended. A client behind a black hole hears nothing of it. */
        private void ended(boolean request) throws IOException {
            if (dead) {
                if (request) {
                    drop();
                }
                return;
            }
            (request ? upstream : client).shutdownOutput();
            if (!request && mode != Mode.PARTITION) {
                finish();
            }
        }

        /** Closes both sides, in order. */
        private void finish() {
            links.remove(this);
            close(client);
            close(upstream);
        }

        /** Whether this direction goes on. */
        private boolean carries(boolean request, byte[] buffer, int n, OutputStream out)
                throws IOException, InterruptedException {
            if (dead) {
                return true;
            }
            if (mode == Mode.PARTITION) {
                awaitEndOfPartition();
                return false;
            }
            return request ? carriesRequest(buffer, n, out) : carriesAnswer(buffer, n, out);
        }

        /** What was swallowed is lost for good; the loss is noticed when the route is back. */
        private void awaitEndOfPartition() throws InterruptedException {
            while (mode == Mode.PARTITION) {
                Thread.sleep(PARTITION_POLL_MS);
            }
            reset("partition");
        }

        private boolean carriesRequest(byte[] buffer, int n, OutputStream out)
                throws IOException, InterruptedException {
            arm(buffer, n);
            if (cutAfter == 0 && mode == Mode.LATE) {
                deliverLate(buffer, n, out);
                return false;
            }
            out.write(buffer, 0, n);
            if (cutAfter == 0 && mode == Mode.CUT_AFTER_REQUEST) {
                reset("after_request");
                return false;
            }
            return true;
        }

        private boolean carriesAnswer(byte[] buffer, int n, OutputStream out) throws IOException {
            if (cutAfter == 0 && mode == Mode.LATE) {
                finish(); // the answer to a request that came late goes nowhere
                return false;
            }
            if (cutAfter >= 0) {
                out.write(buffer, 0, Math.min(cutAfter, n));
                out.flush();
                reset("in_answer");
                return false;
            }
            out.write(buffer, 0, n);
            return true;
        }

        private void deliverLate(byte[] buffer, int n, OutputStream out) throws IOException, InterruptedException {
            links.remove(this);
            heard.cut(upstream.getLocalPort(), "late");
            hardClose(client);
            Thread.sleep(ThreadLocalRandom.current().nextInt(LATE_LEAST_MS, LATE_MOST_MS));
            out.write(buffer, 0, n);
            out.flush();
        }

        private void arm(byte[] buffer, int n) {
            boolean cuts = mode == Mode.CUT_AFTER_REQUEST || mode == Mode.CUT_IN_ANSWER || mode == Mode.LATE;
            if (cuts
                    && (trigger.isEmpty() || new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(trigger))
                    && ThreadLocalRandom.current().nextDouble() < probability) {
                cutAfter =
                        mode == Mode.CUT_IN_ANSWER ? ThreadLocalRandom.current().nextInt(bytes + 1) : 0;
            }
        }
    }
}
