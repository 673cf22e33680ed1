package io.nexus.oauth.provider.egress;

import io.netty.handler.proxy.ProxyConnectException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The forward proxy that requests to providers and issuers go through, if there is one. A connection is made with {@code
 * CONNECT} (RFC 9110 section 9.3.6); TLS to the provider runs inside it, so the proxy sees no request. Reads its settings
 * once, at the start; throws {@link IllegalStateException} with a list of what is wrong. Safe for concurrent use; never
 * blocks after construction.
 */
@Singleton
public final class ForwardProxy {

    /** Without a proxy. */
    public static final ForwardProxy NONE = new ForwardProxy();

    /** The prefix of the keys. */
    static final String KEY = "nexus.oauth.providers.proxy";

    private static final Logger LOG = Logger.getLogger(ForwardProxy.class);

    /** A proxy that waits for a provider that does not answer gives up later than this. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

    /** How Netty's handler reports the answer to {@code CONNECT}. */
    private static final Pattern STATUS = Pattern.compile(", status: (\\d{3})\\b");

    private static final int AUTHENTICATION_REQUIRED = 407;

    private final @Nullable ProxySettings settings;
    private final @Nullable Egress names;
    private final @Nullable ProxyCredentials credentials;

    /** By sentence without its host, of which there are a handful. */
    private final Map<String, Long> warnedAt = new ConcurrentHashMap<>();

    /** With the settings of the service. */
    @Inject
    ForwardProxy(Vertx vertx, ProxyConfig config) {
        this(vertx, ProxySettings.read(config, System.getenv()).orElse(null));
    }

    ForwardProxy(Vertx vertx, @Nullable ProxySettings settings) {
        this.settings = settings;
        this.names = settings == null
                ? null
                : new Egress(vertx, AddressRule.anywhere(), NONE, settings.source(), "nexus-dns-proxy");
        this.credentials = settings == null
                ? null
                : settings.file() == null
                        ? new ProxyCredentials(vertx, settings.login())
                        : new ProxyCredentials(vertx, settings.file(), sentence -> warn(sentence, sentence));
        if (settings != null) {
            LOG.infof(
                    "Requests to providers and issuers go through the forward proxy %s:%d (%s)",
                    settings.host(), settings.port(), settings.source());
        }
    }

    private ForwardProxy() {
        this.settings = null;
        this.names = null;
        this.credentials = null;
    }

    /**
     * How a request reaches its host.
     *
     * @param host the host of the request
     * @param target the address, or the name that the proxy resolves
     * @param options the proxy and its credentials, or null without one
     */
    record Route(String host, String target, @Nullable ProxyOptions options, ForwardProxy proxy) {

        /** The code of a connection on this route that failed with {@code failure}. */
        String code(Throwable failure) {
            return options == null ? ExchangeResult.NotSent.UNCONNECTED : proxy.connectCode(host, failure);
        }

        /** The code of a request that was not sent because there is no route to its host. */
        static String ofFailure(Throwable failure) {
            return switch (failure) {
                case Egress.ForbiddenException forbidden -> ExchangeResult.NotSent.FORBIDDEN;
                case UnreachableException unreachable -> ExchangeResult.NotSent.PROXY_UNREACHABLE;
                default -> ExchangeResult.NotSent.UNCONNECTED;
            };
        }
    }

    /** Whether requests to {@code host} at {@code port} go through the proxy. */
    boolean serves(String host, int port) {
        return settings != null && !settings.direct().contains(host, port);
    }

    /** Whether the proxy is told the address that was checked, and not the name. */
    boolean isToldAddress() {
        return settings != null && settings.byAddress();
    }

    /** The proxy's address and the present credentials. Fails with {@link UnreachableException}. Does not block. */
    Future<ProxyOptions> options() {
        if (settings == null || names == null || credentials == null) {
            return Future.failedFuture(new UnreachableException());
        }
        ProxyOptions options = new ProxyOptions()
                .setType(ProxyType.HTTP)
                .setPort(settings.port())
                .setConnectTimeout(CONNECT_TIMEOUT);
        return names.find(settings.host())
                .recover(failure -> {
                    warn("its host name cannot be resolved", "its host name cannot be resolved");
                    return Future.failedFuture(new UnreachableException());
                })
                .compose(address -> credentials.current().map(login -> {
                    login.ifPresent(each -> options.setUsername(each.user()).setPassword(each.password()));
                    return options.setHost(address.getHostAddress());
                }));
    }

    /** The proxy's host has no address. */
    static final class UnreachableException extends Exception {
        private static final long serialVersionUID = 1;

        UnreachableException() {
            super("the forward proxy cannot be reached", null, false, false);
        }
    }

    /** Logs that {@code host} is not a name that the proxy may resolve; {@code setting} allows it. */
    void warnInternal(String host, String setting) {
        warn(
                "internal",
                "it is not asked for %s, which the service cannot resolve and which is no public name (see %s)"
                        .formatted(host, setting));
    }

    /** The code of a connection to {@code host} that could not be made, and so of a request that was not sent. */
    private String connectCode(String host, Throwable failure) {
        if (failure instanceof SSLException || !(failure instanceof IOException)) {
            return ExchangeResult.NotSent.UNCONNECTED; // the proxy did its part
        }
        if (!(failure instanceof ProxyConnectException)) {
            warn("no connection to it", "no connection to it");
            return ExchangeResult.NotSent.PROXY_UNREACHABLE;
        }
        Matcher status = STATUS.matcher(String.valueOf(failure.getMessage()));
        return status.find()
                ? refused(host, Integer.parseInt(status.group(1)))
                : failed(host, "no answer that can be read");
    }

    private String refused(String host, int status) {
        if (status == AUTHENTICATION_REQUIRED) {
            String text = "it rejects the credentials (status 407): check " + KEY + ".credentials-file";
            warn(text, text);
            return ExchangeResult.NotSent.PROXY_CREDENTIALS;
        }
        if (status >= 500) {
            return failed(host, "status " + status); // 999 is what Netty makes of an answer that is not HTTP
        }
        warn(
                "refused",
                "it does not permit a connection to %s (status %d): change the proxy's rules, or add the host to %s.no-proxy"
                        .formatted(host, status, KEY));
        return ExchangeResult.NotSent.PROXY_REFUSED;
    }

    private String failed(String host, String how) {
        warn("failed", "it made no connection to %s: %s".formatted(host, how));
        return ExchangeResult.NotSent.PROXY_FAILED;
    }

    /** Once a minute for each {@code kind}. */
    private void warn(String kind, String sentence) {
        long now = System.nanoTime();
        Long before = warnedAt.get(kind);
        if (before == null || now - before > WARNING_INTERVAL.toNanos()) {
            warnedAt.put(kind, now);
            LOG.warnf("The forward proxy of %s: %s", settings == null ? KEY : settings.source(), sentence);
        }
    }
}
