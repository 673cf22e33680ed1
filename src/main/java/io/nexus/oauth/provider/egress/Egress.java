package io.nexus.oauth.provider.egress;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a host to an address that the service may connect to. The service connects to exactly the address that was
 * checked, so a second look-up cannot lead to another one (DNS rebinding).
 */
public final class Egress {

    private static final Logger LOG = Logger.getLogger(Egress.class);
    private static final Duration RESULT_TTL = Duration.ofSeconds(10);

    /** How long the address of a host that is in use may be older than {@link #RESULT_TTL} (RFC 8767 section 5). */
    private static final Duration MAX_STALE = Duration.ofDays(1);

    /** As before, when the look-up fails: the name may be gone. */
    private static final Duration MAX_STALE_AFTER_FAILURE = Duration.ofMinutes(10);

    /** A host that nobody asked for in this time is not in use. */
    private static final Duration MAX_IDLE = Duration.ofHours(1);

    /** How long a name server may take before the service uses the address of an earlier look-up. */
    private static final Duration SLOW_LOOK_UP = Duration.ofSeconds(1);

    /** How long the service looks for a name that perhaps only the proxy can resolve; longer than {@link #SLOW_LOOK_UP}. */
    private static final Duration SLOW_FIRST_LOOK_UP = Duration.ofMillis(1_500);

    /** The hosts whose address is remembered; the service looks the ones that are used least up again. */
    static final int MAX_HOSTS = 10_000;

    /** The failed look-ups that are remembered for {@link #RESULT_TTL}. */
    static final int MAX_FAILURES = 1_000;

    private final AddressRule rule;
    private final ForwardProxy proxy;
    private final String setting;
    private final Vertx vertx;
    private final LongSupplier nanoTime;
    private final Threads threads;
    private final Cache<String, Known> known;
    private final Cache<String, UnknownHostException> failed;

    /**
     * The threads for look-ups.
     *
     * @param again for hosts that are known, so that new names of slow name servers do not hold them up
     */
    private record Threads(NameLookups<Known> first, NameLookups<Known> again) {}

    /**
     * The result of a look-up.
     *
     * @param address the first allowed address, or null if all are forbidden
     * @param all whether all addresses are allowed
     * @param at when it was looked up
     * @param checkedAt when it was looked up, or found to be slow to look up
     */
    private record Known(@Nullable InetAddress address, boolean all, long at, long checkedAt) {}

    /** Without a proxy. */
    public Egress(Vertx vertx, AddressRule rule) {
        this(vertx, rule, ForwardProxy.NONE);
    }

    /** With the threads for hosts of the catalogue and of tenants. */
    public Egress(Vertx vertx, AddressRule rule, ForwardProxy proxy) {
        this(
                vertx,
                threads(vertx, "nexus-dns", System::nanoTime),
                rule,
                proxy,
                "private_hosts in the provider file",
                System::nanoTime);
    }

    /** With threads of its own {@code name}, and the setting that the log names when a host is refused. */
    Egress(Vertx vertx, AddressRule rule, ForwardProxy proxy, String setting, String name) {
        this(vertx, threads(vertx, name, System::nanoTime), rule, proxy, setting, System::nanoTime);
    }

    /** With a clock of its own. */
    Egress(Vertx vertx, AddressRule rule, String setting, LongSupplier nanoTime) {
        this(vertx, threads(vertx, "nexus-dns", nanoTime), rule, ForwardProxy.NONE, setting, nanoTime);
    }

    private Egress(
            Vertx vertx, Threads threads, AddressRule rule, ForwardProxy proxy, String setting, LongSupplier nanoTime) {
        this.proxy = proxy;
        this.vertx = vertx;
        this.threads = threads;
        this.nanoTime = nanoTime;
        this.rule = rule;
        this.setting = setting;
        this.known = Caffeine.newBuilder()
                .ticker(nanoTime::getAsLong)
                .expireAfterAccess(MAX_IDLE)
                .maximumSize(MAX_HOSTS)
                .build();
        this.failed = Caffeine.newBuilder()
                .ticker(nanoTime::getAsLong)
                .expireAfterWrite(RESULT_TTL)
                .maximumSize(MAX_FAILURES)
                .build();
    }

    private static Threads threads(Vertx vertx, String name, LongSupplier nanoTime) {
        return new Threads(
                new NameLookups<>(vertx.createSharedWorkerExecutor(name + "-new", NameLookups.THREADS), nanoTime),
                new NameLookups<>(vertx.createSharedWorkerExecutor(name, NameLookups.THREADS), nanoTime));
    }

    /** The same threads under another rule. */
    public Egress under(AddressRule other) {
        return new Egress(vertx, threads, other, proxy, setting, nanoTime);
    }

    /** The host resolves to forbidden addresses only. */
    static final class ForbiddenException extends Exception {
        private static final long serialVersionUID = 1;

        ForbiddenException(String host) {
            super(host + " resolves to an address that the service does not connect to", null, false, false);
        }
    }

    /** Whether only the proxy may be able to resolve {@code host}. */
    boolean isResolvedByProxy(String host, int port) {
        return proxy.serves(host, port) && !proxy.isToldAddress();
    }

    /**
     * The way to {@code host}. Fails as {@link #find(String, String)}, and when the proxy has no address. A host that is
     * written as an address is always sent to the proxy as the address that was checked, because the proxy may read
     * another form differently.
     *
     * @param tenant the tenant that chose the host, or null when the operator did
     * @param tls whether the request is for https; only then may it go through the proxy
     */
    Future<ForwardProxy.Route> route(@Nullable String tenant, String host, int port, boolean tls) {
        if (!tls || !proxy.serves(host, port)) {
            return find(tenant, host)
                    .map(address -> new ForwardProxy.Route(host, address.getHostAddress(), null, proxy));
        }
        Future<String> target = proxy.isToldAddress() || AddressRule.isAddress(host)
                ? find(tenant, host).map(InetAddress::getHostAddress)
                : checkedName(tenant, host);
        return onCallersContext(
                target.compose(at -> proxy.options().map(options -> new ForwardProxy.Route(host, at, options, proxy))));
    }

    /**
     * The name for the proxy. Each address that the service finds within {@link #SLOW_FIRST_LOOK_UP} must be allowed, because the
     * proxy may choose any. If the service finds none, the form of the name decides.
     */
    private Future<String> checkedName(@Nullable String tenant, String host) {
        Promise<Known> first = Promise.promise();
        UnknownHostException slow = new UnknownHostException(host);
        long timer = vertx.setTimer(SLOW_FIRST_LOOK_UP.toMillis(), id -> {
            failed.put(host, slow); // the next callers need not wait
            first.tryFail(slow);
        });
        known(tenant, host).onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future()
                .map(known -> known.all() ? Boolean.TRUE : Boolean.FALSE)
                .recover(failure -> failure instanceof UnknownHostException
                        ? Future.succeededFuture(mayBeResolvedByProxy(host))
                        : Future.failedFuture(failure))
                .compose(allowed ->
                        allowed ? Future.succeededFuture(host) : Future.failedFuture(new ForbiddenException(host)));
    }

    private boolean mayBeResolvedByProxy(String host) {
        boolean allowed = rule.allowsName(host);
        if (!allowed) {
            proxy.warnInternal(host, setting);
        }
        return allowed;
    }

    /** As {@link #find(String, String)}, for a host that the operator chose. */
    Future<InetAddress> find(String host) {
        return find(null, host);
    }

    /**
     * The address of {@code host}. Fails with {@link ForbiddenException}, or when the host has no address, or when too
     * many look-ups of new hosts wait. Does not block. While the look-up of a host in use is slow, or cannot be started,
     * the result of an earlier one is used.
     *
     * @param tenant the tenant that chose the host, or null when the operator did
     */
    Future<InetAddress> find(@Nullable String tenant, String host) {
        return known(tenant, host).compose(known -> choose(host, known));
    }

    private Future<Known> known(@Nullable String tenant, String host) {
        Known found = known.getIfPresent(host);
        long now = nanoTime.getAsLong();
        if (found != null && now - found.at() > MAX_STALE.toNanos()) {
            found = null;
        }
        if (found != null && now - found.checkedAt() < RESULT_TTL.toNanos()) {
            return Future.succeededFuture(found);
        }
        UnknownHostException failure = failed.getIfPresent(host);
        if (found == null && failure != null) {
            return Future.failedFuture(failure);
        }
        Future<Known> result = found == null
                ? threads.first().run(tenant, host, () -> lookUp(host))
                : orStale(threads.again().run(tenant, host, () -> lookUp(host)), host, found);
        return onCallersContext(result);
    }

    /** Completes {@code anywhere} on the caller's own context, whichever caller started the look-up. */
    private <T> Future<T> onCallersContext(Future<T> anywhere) {
        Promise<T> onCallersContext = Promise.promise();
        Context context = vertx.getOrCreateContext();
        anywhere.onComplete(done -> context.runOnContext(back -> onCallersContext.handle(done)));
        return onCallersContext.future();
    }

    private Future<Known> orStale(Future<Known> lookUp, String host, Known before) {
        Promise<Known> first = Promise.promise();
        long timer = vertx.setTimer(SLOW_LOOK_UP.toMillis(), id -> {
            postpone(host, before);
            first.tryComplete(before);
        });
        lookUp.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else if (done.cause() instanceof NameLookups.BusyException
                    || nanoTime.getAsLong() - before.at() < MAX_STALE_AFTER_FAILURE.toNanos()) {
                postpone(host, before);
                first.tryComplete(before);
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    /** The next callers need not wait, too. */
    private void postpone(String host, Known before) {
        known.asMap()
                .replace(host, before, new Known(before.address(), before.all(), before.at(), nanoTime.getAsLong()));
    }

    private Known lookUp(String host) throws UnknownHostException {
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            failed.put(host, e);
            throw e;
        }
        InetAddress allowed = Arrays.stream(found)
                .filter(each -> rule.allows(host, each))
                .findFirst()
                .orElse(null);
        if (allowed == null) {
            LOG.warnf(
                    "host %s resolves to %s, an address that the service does not connect to (see %s)",
                    host, found[0].getHostAddress(), setting);
        }
        long now = nanoTime.getAsLong();
        Known result = new Known(allowed, Arrays.stream(found).allMatch(each -> rule.allows(host, each)), now, now);
        known.put(host, result);
        return result;
    }

    private static Future<InetAddress> choose(String host, Known known) {
        InetAddress address = known.address();
        return address == null ? Future.failedFuture(new ForbiddenException(host)) : Future.succeededFuture(address);
    }
}
