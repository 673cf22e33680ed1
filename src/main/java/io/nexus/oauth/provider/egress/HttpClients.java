package io.nexus.oauth.provider.egress;

import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP clients of an exchange: one without a certificate, and one for each owner and certificate chain that is shown (RFC 8705
 * section 2), so that no connection and no session of TLS is used for another one. All check the server in the same way. A client with a
 * certificate is closed when it was not used for {@link #MAX_IDLE}, or when others take its place, and never while a request of it is
 * under way. A renewed certificate has a client of its own. Does not block.
 */
final class HttpClients {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int MAX_HEADER_BYTES = 16 * 1024;

    /**
     * In effect unlimited. The client limiters bound the requests in flight; a request that queued here would use up
     * its lease.
     */
    private static final PoolOptions POOL = new PoolOptions().setHttp1MaxSize(10_000);

    /** The clients with a certificate that are kept. */
    static final int MAX_CLIENTS = 1_000;

    /** Those of one owner. */
    static final int MAX_CLIENTS_PER_OWNER = 50;

    static final Duration MAX_IDLE = Duration.ofMinutes(10);

    /** Alerts about the certificate of the client (RFC 8446 section 6.2). */
    private static final Pattern REFUSED =
            Pattern.compile("Received fatal alert: (\\w*certificate\\w*|unknown_ca|access_denied)");

    private final Vertx vertx;
    private final HttpClientOptions options;
    private final LongSupplier nanoTime;
    private final Lease plain;

    /** The one that was not used for the longest time is first. */
    private final Map<Name, Lease> clients = new LinkedHashMap<>(16, 0.75f, true);

    private boolean sweeps;

    /** Clients that trust {@code trust}, or the authorities of the runtime. */
    HttpClients(Vertx vertx, @Nullable TrustOptions trust) {
        this(vertx, trust, System::nanoTime);
    }

    /** With a clock of its own. */
    HttpClients(Vertx vertx, @Nullable TrustOptions trust, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.nanoTime = nanoTime;
        this.options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setDecompressionSupported(false)
                // no span that contains a URL, and no trace header to a provider
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_HEADER_BYTES);
        if (trust != null) {
            options.setTrustOptions(trust);
        }
        this.plain = new Lease(vertx.createHttpClient(options, POOL));
    }

    private record Name(@Nullable String owner, String fingerprint) {}

    /** A client with the requests that use it. Guarded by the clients. */
    final class Lease {

        private final HttpClient client;
        private int uses;
        private boolean dropped;
        private long usedAt;

        private Lease(HttpClient client) {
            this.client = client;
        }

        HttpClient client() {
            return client;
        }

        /** Whether it is closed, or about to be. */
        boolean isClosed() {
            synchronized (HttpClients.this) {
                return dropped && uses == 0;
            }
        }

        /** Ends one use. */
        void end() {
            synchronized (HttpClients.this) {
                uses--;
                usedAt = nanoTime.getAsLong();
                closeUnused();
            }
        }

        private void drop() {
            dropped = true;
            closeUnused();
        }

        private void closeUnused() {
            if (dropped && uses == 0) {
                var unused = client.close();
            }
        }
    }

    /** The client of {@code owner} that shows {@code certificate}, or none, until {@link Lease#end}. */
    synchronized Lease lease(@Nullable String owner, @Nullable ClientCertificate certificate) {
        if (certificate == null) {
            plain.uses++;
            return plain;
        }
        Name name = new Name(owner, certificate.fingerprint());
        Lease found = clients.get(name);
        if (found == null) {
            makeRoom(owner);
            found = new Lease(open(certificate));
            clients.put(name, found);
        }
        found.uses++;
        sweepLater();
        return found;
    }

    private HttpClient open(ClientCertificate certificate) {
        return vertx.createHttpClient(
                new HttpClientOptions(options).setKeyCertOptions(KeyCertOptions.wrap(certificate.keyManager())), POOL);
    }

    private void makeRoom(@Nullable String owner) {
        long own = clients.keySet().stream()
                .filter(name -> Objects.equals(name.owner(), owner))
                .count();
        if (own >= MAX_CLIENTS_PER_OWNER || clients.size() >= MAX_CLIENTS) {
            Iterator<Map.Entry<Name, Lease>> oldest = clients.entrySet().iterator();
            while (oldest.hasNext()) {
                Map.Entry<Name, Lease> each = oldest.next();
                if (own < MAX_CLIENTS_PER_OWNER || Objects.equals(each.getKey().owner(), owner)) {
                    oldest.remove();
                    each.getValue().drop();
                    return;
                }
            }
        }
    }

    private void sweepLater() {
        if (!sweeps) {
            sweeps = true;
            vertx.setTimer(MAX_IDLE.toMillis(), id -> sweep());
        }
    }

    /** Closes idle clients. */
    synchronized void sweep() {
        sweeps = false;
        long now = nanoTime.getAsLong();
        clients.values().removeIf(each -> {
            boolean idle = each.uses == 0 && now - each.usedAt >= MAX_IDLE.toNanos();
            if (idle) {
                each.drop();
            }
            return idle;
        });
        if (!clients.isEmpty()) {
            sweepLater();
        }
    }

    /** The number of clients with a certificate. */
    synchronized int size() {
        return clients.size();
    }

    /** Closes all clients and their open connections. */
    synchronized void close() {
        var unused = plain.client.close();
        clients.values().forEach(Lease::drop);
        clients.clear();
    }

    /**
     * Whether the server refused the certificate. It then read no request: an alert comes before the handshake is over for the server,
     * also where the client has already sent one (RFC 8446 section 4.4.2.4).
     */
    static boolean isRefusal(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (REFUSED.matcher(String.valueOf(each.getMessage())).find()) {
                return true;
            }
        }
        return false;
    }
}
