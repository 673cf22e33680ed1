package io.nexus.oauth.rig;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A TCP proxy on loopback whose connections can be slowed, throttled, swallowed, reset, half-closed, refused, or cut after some bytes
 * of an answer. Each cut is written to its log with the port by which the server knows the connection.
 */
final class FaultProxy implements AutoCloseable {

    /** What befalls traffic. */
    enum Mode {
        PASS,
        /** Bytes are taken and never arrive, in both directions. */
        BLACKHOLE,
        /** Connections are refused. */
        REFUSE,
        /** Answers are lost: the connection is reset as soon as the request is through. */
        CUT_AFTER_REQUEST,
        /** The connection is reset after some bytes of an answer. */
        CUT_IN_ANSWER,
        /** The client is reset, and its request arrives seconds later all the same. */
        LATE,
        /** The server's side is closed towards the client, the other stays open. */
        HALF_CLOSE
    }

    /** Longer than the pause after an unknown outcome, shorter than the quarantine of tokens that live half a minute. */
    private static final int LATE_LEAST_MS = 2200;

    private static final int LATE_MOST_MS = 3500;

    private final String name;
    private final int target;
    private final Journal log;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket server;
    private volatile Mode mode = Mode.PASS;
    private volatile double probability = 1;
    private volatile int bytes;
    private volatile int latency;
    private volatile int perSecond = Integer.MAX_VALUE;
    private volatile String trigger = "";

    FaultProxy(String name, int target, Journal log) throws IOException {
        this.name = name;
        this.target = target;
        this.log = log;
        this.server = listen(0);
        this.port = server.getLocalPort();
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 2000);
        Thread.ofPlatform().daemon().name("proxy " + name).start(() -> accept(socket));
        return socket;
    }

    int port() {
        return port;
    }

    /** Every request has this probability of the mode's fate. */
    FaultProxy probability(double each) {
        probability = each;
        return this;
    }

    /** Answers are cut after so many bytes at most. */
    FaultProxy bytes(int most) {
        bytes = most;
        return this;
    }

    /** Only requests with this text in them are cut. */
    FaultProxy trigger(String text) {
        trigger = text;
        return this;
    }

    FaultProxy latency(int ms) {
        latency = ms;
        return this;
    }

    FaultProxy throttle(int bytesPerSecond) {
        perSecond = bytesPerSecond;
        return this;
    }

    synchronized void mode(Mode next) throws IOException {
        log.add("proxy", "name", name, "mode", next);
        mode = next;
        if (next == Mode.REFUSE) {
            server.close();
        } else if (server.isClosed()) {
            server = listen(port);
        }
        if (next == Mode.HALF_CLOSE) {
            links.forEach(Link::halfClose);
        }
    }

    /** Resets what is open. */
    void reset() {
        log.add("proxy", "name", name, "mode", "RESET", "links", links.size());
        links.forEach(link -> link.reset("reset"));
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket client = from.accept();
                Thread.ofVirtual().start(() -> open(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void open(Socket client) {
        try {
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            Link link = new Link(client, upstream);
            links.add(link);
            Thread.ofVirtual().start(() -> link.pump(true));
            link.pump(false);
        } catch (IOException e) {
            hardClose(client);
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

    private final class Link {
        private final Socket client;
        private final Socket upstream;
        private volatile int cutAfter = -1;

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void halfClose() {
            try {
                client.shutdownOutput();
            } catch (IOException e) {
                // closed already
            }
        }

        void reset(String why) {
            if (links.remove(this)) {
                log.add("cut", "name", name, "port", upstream.getLocalPort(), "why", why);
            }
            hardClose(client);
            hardClose(upstream);
        }

        /** Carries bytes one way until a side ends. */
        void pump(boolean request) {
            byte[] buffer = new byte[16 * 1024];
            try {
                InputStream in = (request ? client : upstream).getInputStream();
                OutputStream out = (request ? upstream : client).getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    pause(n);
                    if (cutAfter == 0 && mode == Mode.LATE && !request) {
                        return; // the answer to a request that came late
                    }
                    if (mode == Mode.BLACKHOLE) {
                        swallow();
                        return;
                    }
                    if (!carry(request, buffer, n, out)) {
                        return;
                    }
                }
                (request ? upstream : client).shutdownOutput();
            } catch (IOException e) {
                links.remove(this);
                hardClose(client);
                hardClose(upstream);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                if (!request && mode != Mode.BLACKHOLE) {
                    links.remove(this);
                    close(client);
                    close(upstream);
                }
            }
        }

        private void pause(int n) throws InterruptedException {
            long ms = latency + (perSecond == Integer.MAX_VALUE ? 0 : 1000L * n / perSecond);
            if (ms > 0) {
                Thread.sleep(ms);
            }
        }

        /** A swallowed stream stays silent for good; it is reset when the hole closes, as a lost packet would be noticed then. */
        private void swallow() throws InterruptedException {
            while (mode == Mode.BLACKHOLE) {
                Thread.sleep(20);
            }
            reset("blackhole");
        }

        private boolean carry(boolean request, byte[] buffer, int n, OutputStream out) throws IOException {
            if (request) {
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
            if (cutAfter >= 0) {
                out.write(buffer, 0, Math.min(cutAfter, n));
                out.flush();
                reset("in_answer");
                return false;
            }
            out.write(buffer, 0, n);
            return true;
        }

        private void deliverLate(byte[] buffer, int n, OutputStream out) throws IOException {
            links.remove(this);
            log.add("cut", "name", name, "port", upstream.getLocalPort(), "why", "late");
            hardClose(client);
            try {
                Thread.sleep(ThreadLocalRandom.current().nextInt(LATE_LEAST_MS, LATE_MOST_MS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            out.write(buffer, 0, n);
            out.flush();
            // the other direction takes the answer, and it goes nowhere
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

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        links.forEach(link -> {
            hardClose(link.client);
            hardClose(link.upstream);
        });
    }
}
