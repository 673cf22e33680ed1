package io.nexus.oauth.provider.egress;

import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request, sent at most once, on the way that {@link Egress} allows. It follows no redirect, does not
 * retry, and has one deadline. It reuses no connection: on a stale one, it is unknown whether the request was sent. A
 * failure is an {@link ExchangeResult}; the exception's message is dropped, because it may contain what was sent.
 */
public final class HttpExchange {

    private static final Logger LOG = Logger.getLogger(HttpExchange.class);

    /**
     * Without this header a server may choose any coding (RFC 9110 section 12.5.3). The service asks for none, and
     * {@link ContentCodings} reads those of servers that compress all the same.
     */
    private static final String ACCEPTED_CODING = "identity";

    private final Vertx vertx;
    private final Egress egress;
    private final HttpClients clients;
    private final RequestListener listener;
    private final InstantSource clock;

    /** A client without a listener, and without a clock that counts while the machine is suspended. */
    public HttpExchange(Vertx vertx, Egress egress, @Nullable TrustOptions trust) {
        this(vertx, egress, trust, (provider, endpoint, outcome, took) -> {}, () -> Instant.EPOCH);
    }

    /**
     * A client.
     *
     * @param trust the trusted authorities, or null for those of the runtime
     * @param clock notices that the machine was suspended, which {@link System#nanoTime()} does not
     */
    public HttpExchange(
            Vertx vertx, Egress egress, @Nullable TrustOptions trust, RequestListener listener, InstantSource clock) {
        this.clock = clock;
        this.vertx = vertx;
        this.egress = egress;
        this.listener = listener;
        this.clients = new HttpClients(vertx, trust);
    }

    /**
     * A request to send.
     *
     * @param total the time from the name look-up to the last byte
     * @param cap the largest body in bytes that is read, before and after its content codings are undone
     * @param owner the tenant that chose the host, or null when the operator did
     * @param certificate the certificate that the client shows (RFC 8705 section 2), or null. Such a request is sent by https only
     */
    public record Call(
            String method,
            URI url,
            Map<String, String> headers,
            @Nullable String body,
            Duration total,
            int cap,
            @Nullable String owner,
            @Nullable ClientCertificate certificate) {

        /** A request to a host that the operator chose. */
        public Call(
                String method, URI url, Map<String, String> headers, @Nullable String body, Duration total, int cap) {
            this(method, url, headers, body, total, cap, null, null);
        }

        /** The same request, with its owner. */
        public Call ownedBy(@Nullable String tenant) {
            return new Call(method, url, headers, body, total, cap, tenant, certificate);
        }

        /** The same request, which shows {@code shown}. */
        public Call showing(@Nullable ClientCertificate shown) {
            return new Call(method, url, headers, body, total, cap, owner, shown);
        }

        /** Omits everything that may be secret. */
        @Override
        public String toString() {
            return method + " " + url.getHost();
        }
    }

    /**
     * Sends {@code call}, once for each subscription. Never fails. Cancelling does not take back a request that was
     * sent.
     */
    public Uni<ExchangeResult> send(Call call) {
        return Uni.createFrom().emitter(emitter -> begin(call, emitter::complete));
    }

    /** As {@link #send(Call)}, and notifies the {@link RequestListener}. */
    public Uni<ExchangeResult> send(String provider, RequestListener.Endpoint endpoint, Call call) {
        return Uni.createFrom().deferred(() -> {
            long began = System.nanoTime();
            return send(call)
                    .invoke(answer -> listener.ended(
                            provider, endpoint, answer.outcome(), Duration.ofNanos(System.nanoTime() - began)));
        });
    }

    /** Sends {@code call} now. The future never fails. */
    Future<ExchangeResult> sendNow(Call call) {
        Promise<ExchangeResult> answer = Promise.promise();
        begin(call, answer::complete);
        return answer.future();
    }

    /** Closes the client and its open connections. */
    void close() {
        clients.close();
    }

    private void begin(Call call, Consumer<ExchangeResult> result) {
        Attempt attempt = new Attempt(call, result);
        try {
            attempt.start();
        } catch (IllegalArgumentException e) {
            attempt.fail("unsendable");
        }
    }

    private enum Phase {
        CONNECTING,
        SENT,
        DONE
    }

    private final class Attempt {

        private final Call call;
        private final Consumer<ExchangeResult> result;
        private final long started = System.nanoTime();
        private final Instant startedAt = clock.instant();
        private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.CONNECTING);
        private final AtomicReference<@Nullable HttpClientRequest> sent = new AtomicReference<>();
        private final Buffer body = Buffer.buffer();
        private final HttpClients.Lease lease;
        private long timer;

        Attempt(Call call, Consumer<ExchangeResult> result) {
            this.call = call;
            this.result = result;
            this.lease = clients.lease(call.owner(), call.certificate());
        }

        void start() {
            timer = vertx.setTimer(Math.max(1, call.total().toMillis()), id -> fail("reply_timeout"));
            RequestOptions options = new RequestOptions()
                    .setAbsoluteURI(call.url().toString())
                    .setMethod(HttpMethod.valueOf(call.method()))
                    .setFollowRedirects(false);
            options.putHeader("Accept-Encoding", ACCEPTED_CODING);
            call.headers().forEach(options::putHeader);
            if (call.certificate() != null && !options.isSsl()) {
                throw new IllegalArgumentException("a certificate is shown by https only");
            }
            egress.route(call.owner(), options.getHost(), options.getPort(), options.isSsl())
                    .onSuccess(route -> request(options, route))
                    .onFailure(failure -> fail(ForwardProxy.Route.ofFailure(failure)));
        }

        /** Runs on the client's own thread: on another one the response could end before a handler is set. */
        private void request(RequestOptions options, ForwardProxy.Route route) {
            try {
                options.setServer(SocketAddress.inetSocketAddress(options.getPort(), route.target()));
                lease.client()
                        .request(options.setProxyOptions(route.options()))
                        .onSuccess(this::write)
                        .onFailure(failure -> fail(failure, route.code(failure)));
            } catch (IllegalArgumentException e) {
                fail("unsendable");
            }
        }

        private void write(HttpClientRequest request) {
            // A process that was paused here, or a machine that was suspended, must not send a request after its
            // deadline.
            boolean late = System.nanoTime() - started >= call.total().toNanos()
                    || !clock.instant().isBefore(startedAt.plus(call.total()));
            sent.set(request);
            // Without a handler, Vert.x logs the failure's text, which may contain what the provider sent.
            request.connection().exceptionHandler(this::hearRefusal);
            request.exceptionHandler(this::lose);
            if (late || !phase.compareAndSet(Phase.CONNECTING, Phase.SENT)) {
                fail("late"); // first: the reset calls the exception handler
                request.reset();
                return;
            }
            String text = call.body();
            (text == null && call.method().equals("GET") ? request.send() : request.send(text == null ? "" : text))
                    .onSuccess(this::read)
                    .onFailure(this::lose);
        }

        private void lose(Throwable failure) {
            fail(failure, "reply_lost");
        }

        private void read(HttpClientResponse response) {
            response.exceptionHandler(this::lose);
            response.handler(this::collect);
            response.endHandler(end -> complete(response));
        }

        private void collect(Buffer part) {
            if (body.length() + part.length() > call.cap()) {
                fail("reply_too_large");
            } else if (phase.get() != Phase.DONE) {
                body.appendBuffer(part);
            }
        }

        private void complete(HttpClientResponse response) {
            try {
                String coding = String.join(",", response.headers().getAll("content-encoding"));
                String text = ContentCodings.text(ContentCodings.decode(coding, body.getBytes(), call.cap()));
                finish(was -> new ExchangeResult.Complete(response.statusCode(), response.headers(), text));
            } catch (ContentCodings.TooLargeException e) {
                fail("reply_too_large");
            }
        }

        private void fail(Throwable failure, String otherwise) {
            hearRefusal(failure);
            fail(otherwise); // unless that was it
        }

        private void hearRefusal(Throwable failure) {
            if (call.certificate() != null && HttpClients.isRefusal(failure)) {
                finish(was -> new ExchangeResult.NotSent(ExchangeResult.NotSent.REFUSED_CERTIFICATE));
            }
        }

        private void fail(String code) {
            finish(was -> was == Phase.CONNECTING ? new ExchangeResult.NotSent(code) : new ExchangeResult.Lost(code));
        }

        /** The first result counts. It frees the connection even if the server is still sending. */
        private void finish(Function<Phase, ExchangeResult> toResult) {
            Phase was = phase.getAndSet(Phase.DONE);
            if (was == Phase.DONE) {
                return;
            }
            vertx.cancelTimer(timer);
            ExchangeResult answer = toResult.apply(was);
            HttpClientRequest request = sent.get();
            if (request != null && !(answer instanceof ExchangeResult.Complete)) {
                request.reset();
            }
            lease.end();
            log(answer);
            result.accept(answer);
        }

        private void log(ExchangeResult answer) {
            if (answer instanceof ExchangeResult.Complete complete) {
                LOG.debugf(
                        "%s: status %d, content type %s, %d characters",
                        call,
                        complete.status(),
                        complete.headers().get("content-type"),
                        complete.body().length());
            } else {
                LOG.debugf("%s: %s", call, answer);
            }
        }
    }
}
