package io.nexus.oauth.provider.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches documents, such as an issuer's keys, from a server that the operator named and from URLs in its documents.
 * The same rules hold as for providers: {@code https} only, no redirects, bounded time and size, the checked address,
 * no special-purpose addresses. The named server may be on a private network, as the API server of a cluster is. A URL
 * in its documents may lead to a private network only if the named server is on one, so that no public server can
 * direct requests into the operator's network. A suspended machine may send a request late, which does no harm: nothing
 * is refreshed here, and an issuer refuses an authorization code that has expired. Does not block.
 */
public final class DocumentFetch {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_BYTES = 256 * 1024;
    private static final int HTTPS_PORT = 443;

    private final Vertx vertx;
    private final String named;
    private final boolean allowInsecureHttp;
    private final Egress egress;

    /**
     * A fetch.
     *
     * @param named the host that the operator named
     * @param allowInsecureHttp whether the service may connect to this machine, also by {@code http://}; for local
     *     trials
     * @param setting the configuration key of the server, for the log
     */
    public DocumentFetch(Vertx vertx, String named, boolean allowInsecureHttp, String setting, ForwardProxy proxy) {
        this.vertx = vertx;
        this.named = named;
        this.allowInsecureHttp = allowInsecureHttp;
        this.egress = new Egress(vertx, rule(named, true), proxy, setting, "nexus-dns-issuers");
    }

    /** The fault of {@code url}, without resolving its host; empty when it is acceptable. */
    public static Optional<String> fault(URI url, boolean allowInsecureHttp) {
        return new UrlRule(allowInsecureHttp).fault(url.toString());
    }

    /**
     * The document at {@code url}. Fails with {@link Refused}, whose message contains no text of the server.
     *
     * @param headers headers to send; may contain secrets
     * @param trust the trusted authorities, or null for those of the runtime
     */
    public Future<String> get(URI url, Map<String, String> headers, @Nullable TrustOptions trust) {
        return send(new HttpExchange.Call("GET", url, headers, null, REQUEST_TIMEOUT, MAX_BYTES), trust);
    }

    /**
     * Posts {@code form} to {@code url}, such as a token endpoint (RFC 6749 section 4.1.3), and returns the document.
     * Sent at most once. Fails with {@link Refused}, whose message contains no text of the server.
     *
     * @param headers headers to send; may contain secrets
     * @param form of the type {@code application/x-www-form-urlencoded}; may contain secrets
     * @param trust the trusted authorities, or null for those of the runtime
     */
    public Future<String> post(URI url, Map<String, String> headers, String form, @Nullable TrustOptions trust) {
        return send(new HttpExchange.Call("POST", url, headers, form, REQUEST_TIMEOUT, MAX_BYTES), trust);
    }

    private Future<String> send(HttpExchange.Call call, @Nullable TrustOptions trust) {
        Optional<String> fault = fault(call.url(), allowInsecureHttp);
        if (fault.isPresent()) {
            return Future.failedFuture(new Refused("the URL " + fault.get()));
        }
        return egressFor(call.url().getHost())
                .recover(failure -> Future.failedFuture(
                        new Refused("the configured host cannot be resolved, or its address is not allowed")))
                .compose(egressFor -> {
                    HttpExchange exchange = new HttpExchange(vertx, egressFor, trust);
                    return exchange.sendNow(call).onComplete(done -> exchange.close());
                })
                .map(DocumentFetch::document);
    }

    /** The address of {@code host}, if the service may connect to it. */
    Future<InetAddress> find(String host) {
        return egressFor(host).compose(egressFor -> egressFor.find(host));
    }

    private Future<Egress> egressFor(String host) {
        if (host.equalsIgnoreCase(named)) {
            return Future.succeededFuture(egress);
        }
        return egress.find(named)
                .map(AddressRule::isPrivate)
                .recover(failure -> isKnownToProxyOnly(failure)
                        ? Future.succeededFuture(Boolean.FALSE)
                        : Future.failedFuture(failure))
                .map(mayBePrivate -> egress.under(rule(host, mayBePrivate)));
    }

    private boolean isKnownToProxyOnly(Throwable failure) {
        return failure instanceof UnknownHostException && egress.isResolvedByProxy(named, HTTPS_PORT);
    }

    private AddressRule rule(String host, boolean mayBePrivate) {
        return new AddressRule(
                allowInsecureHttp,
                mayBePrivate ? List.of(host, host.replace("[", "").replace("]", "")) : List.of());
    }

    private static String document(ExchangeResult answer) {
        return switch (answer) {
            case ExchangeResult.Complete complete -> {
                if (complete.status() != 200) {
                    throw new Refused("the server answered with status " + complete.status(), complete.status());
                }
                yield complete.body();
            }
            case ExchangeResult.NotSent unsent -> throw new Refused("the request was not sent: " + unsent.code());
            case ExchangeResult.Lost lost -> throw new Refused("the server gave no complete response: " + lost.code());
        };
    }

    /** The document could not be fetched. The message says why. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int status;

        private Refused(String reason) {
            this(reason, 0);
        }

        private Refused(String reason, int status) {
            super(reason, null, false, false);
            this.status = status;
        }

        /** The HTTP status of the response; 0 when there was no complete one. */
        public int status() {
            return status;
        }
    }
}
