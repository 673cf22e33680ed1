package io.nexus.oauth.provider.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets documents, such as an issuer's keys, from a server that the operator named and from where its documents point, as requests
 * to providers are sent: {@code https} only, no redirects, bounded in time and size, to the very address that was looked at, and never to
 * link-local and other special ones. The named server may be on a private network, which is where an API server of a cluster is; what
 * its documents point to may be there only if it is there itself, so that nobody on the Internet leads us into the operator's network.
 * Does not block.
 */
public final class DocumentFetch {

    private static final Duration TOTAL = Duration.ofSeconds(5);
    private static final int CAP = 256 * 1024;

    private final Vertx vertx;
    private final String named;
    private final boolean allowInsecureHttp;
    private final Egress egress;

    /**
     * A fetch.
     *
     * @param named the host that the operator named
     * @param allowInsecureHttp whether this machine may be asked, also by {@code http://}: for trying things out
     * @param setting where the server is set, for the log
     */
    public DocumentFetch(Vertx vertx, String named, boolean allowInsecureHttp, String setting) {
        this.vertx = vertx;
        this.named = named;
        this.allowInsecureHttp = allowInsecureHttp;
        this.egress = new Egress(vertx, rule(named, true), setting);
    }

    /** What is wrong with {@code url}, whoever it leads to; empty when nothing is. */
    public static Optional<String> fault(URI url, boolean allowInsecureHttp) {
        return new UrlRule(allowInsecureHttp).fault(url.toString());
    }

    /**
     * The document at {@code url}. Fails with {@link Refused}, whose message is in our words.
     *
     * @param headers what is sent along; may hold secrets
     * @param trust whose certificates are accepted, or null for what the runtime trusts
     */
    public Future<String> get(URI url, Map<String, String> headers, @Nullable TrustOptions trust) {
        return send(new HttpExchange.Call("GET", url, headers, null, TOTAL, CAP), trust);
    }

    /**
     * The document that {@code url} gives for {@code form}, as a token endpoint does (RFC 6749 section 4.1.3); asked at most once. Fails
     * with {@link Refused}, whose message is in our words.
     *
     * @param headers what is sent along; may hold secrets
     * @param form of the type {@code application/x-www-form-urlencoded}; may hold secrets
     * @param trust whose certificates are accepted, or null for what the runtime trusts
     */
    public Future<String> post(URI url, Map<String, String> headers, String form, @Nullable TrustOptions trust) {
        return send(new HttpExchange.Call("POST", url, headers, form, TOTAL, CAP), trust);
    }

    private Future<String> send(HttpExchange.Call call, @Nullable TrustOptions trust) {
        Optional<String> fault = fault(call.url(), allowInsecureHttp);
        if (fault.isPresent()) {
            return Future.failedFuture(new Refused("its address " + fault.get()));
        }
        return guard(call.url().getHost())
                .recover(failure -> Future.failedFuture(
                        new Refused("the host that is set is nowhere, or where we do not talk to anybody")))
                .compose(guard -> {
                    HttpExchange exchange = new HttpExchange(vertx, guard, trust);
                    return exchange.sendNow(call).onComplete(done -> exchange.close());
                })
                .map(DocumentFetch::document);
    }

    /** Where {@code host} is, if it may be asked there. */
    Future<InetAddress> find(String host) {
        return guard(host).compose(guard -> guard.find(host));
    }

    private Future<Egress> guard(String host) {
        if (host.equalsIgnoreCase(named)) {
            return Future.succeededFuture(egress);
        }
        return egress.find(named).map(at -> egress.under(rule(host, AddressRule.isPrivate(at))));
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
                    throw new Refused("it answered with status " + complete.status(), complete.status());
                }
                yield complete.body();
            }
            case ExchangeResult.NotSent unsent -> throw new Refused("it cannot be asked: " + unsent.code());
            case ExchangeResult.Lost lost -> throw new Refused("it gave no whole answer: " + lost.code());
        };
    }

    /** Why there is no document. */
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

        /** The status of the answer; 0 when there was none that could be read. */
        public int status() {
            return status;
        }
    }
}
