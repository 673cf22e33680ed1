package io.nexus.oauth.provider.egress;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Resolves a host to an address that the service may connect to. The service connects to exactly the address that was
 * checked, so a second look-up cannot lead to another one (DNS rebinding).
 */
public final class Egress {

    private static final Logger LOG = Logger.getLogger(Egress.class);
    private static final Duration RESULT_TTL = Duration.ofSeconds(10);
    private static final Duration STALE_TTL = Duration.ofMinutes(10);

    /** How long a name server may take before the service uses the address of an earlier look-up. */
    private static final Duration SLOW_LOOK_UP = Duration.ofSeconds(1);

    private static final int MAX_HOSTS = 1_000;

    /** Threads for look-ups. A name server that does not answer blocks one of them for many seconds. */
    static final int LOOK_UP_THREADS = 16;

    private final AddressRule rule;
    private final String setting;
    private final Vertx vertx;
    private final LongSupplier nanoTime;
    private final WorkerExecutor workers;
    private final Cache<String, Known> known = Caffeine.newBuilder()
            .expireAfterWrite(STALE_TTL)
            .maximumSize(MAX_HOSTS)
            .build();

    /** Look-ups in flight. Concurrent callers of one host share its look-up. */
    private final ConcurrentHashMap<String, Future<List<InetAddress>>> inFlight = new ConcurrentHashMap<>();

    /** The allowed addresses (none if all are forbidden), and when they were looked up. */
    private record Known(List<InetAddress> addresses, long at) {}

    public Egress(Vertx vertx, AddressRule rule) {
        this(vertx, rule, "nexus.oauth.providers.private-hosts");
    }

    /** With the configuration key that the log names when a host is refused. */
    public Egress(Vertx vertx, AddressRule rule, String setting) {
        this(vertx, rule, setting, System::nanoTime);
    }

    /** With a clock of its own. */
    public Egress(Vertx vertx, AddressRule rule, String setting, LongSupplier nanoTime) {
        this(vertx, vertx.createSharedWorkerExecutor("nexus-dns", LOOK_UP_THREADS), rule, setting, nanoTime);
    }

    private Egress(Vertx vertx, WorkerExecutor workers, AddressRule rule, String setting, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.workers = workers;
        this.nanoTime = nanoTime;
        this.rule = rule;
        this.setting = setting;
    }

    /** The same under another rule. */
    Egress under(AddressRule other) {
        return new Egress(vertx, workers, other, setting, nanoTime);
    }

    /** The host resolves to forbidden addresses only. */
    static final class ForbiddenException extends Exception {
        private static final long serialVersionUID = 1;

        ForbiddenException(String host) {
            super(host + " resolves to an address that the service does not connect to", null, false, false);
        }
    }

    /**
     * The address of {@code host}. Fails with {@link ForbiddenException}, or when the host has no address. Does not
     * block. While the look-up is slow, or all look-up threads are busy, the result of the last minutes is used.
     */
    Future<InetAddress> find(String host) {
        Known found = known.getIfPresent(host);
        if (found != null && nanoTime.getAsLong() - found.at() < RESULT_TTL.toNanos()) {
            return choose(host, found.addresses());
        }
        return onCallersContext(found == null ? lookUpOnce(host) : orStale(lookUpOnce(host), found.addresses()))
                .compose(addresses -> choose(host, addresses));
    }

    /** Completes {@code anywhere} on the caller's own context, whichever caller started the look-up. */
    private <T> Future<T> onCallersContext(Future<T> anywhere) {
        Promise<T> onCallersContext = Promise.promise();
        Context context = vertx.getOrCreateContext();
        anywhere.onComplete(done -> context.runOnContext(back -> onCallersContext.handle(done)));
        return onCallersContext.future();
    }

    private Future<List<InetAddress>> lookUpOnce(String host) {
        Promise<List<InetAddress>> mine = Promise.promise();
        Future<List<InetAddress>> others = inFlight.putIfAbsent(host, mine.future());
        if (others != null) {
            return others;
        }
        workers.executeBlocking(() -> lookUp(host), false).onComplete(done -> {
            inFlight.remove(host);
            mine.handle(done);
        });
        return mine.future();
    }

    private Future<List<InetAddress>> orStale(Future<List<InetAddress>> lookUpOnce, List<InetAddress> before) {
        Promise<List<InetAddress>> first = Promise.promise();
        long timer = vertx.setTimer(SLOW_LOOK_UP.toMillis(), id -> first.tryComplete(before));
        lookUpOnce.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    private List<InetAddress> lookUp(String host) throws UnknownHostException {
        List<InetAddress> found = Arrays.asList(InetAddress.getAllByName(host));
        List<InetAddress> allowed =
                found.stream().filter(each -> rule.allows(host, each)).toList();
        if (allowed.isEmpty()) {
            LOG.warnf(
                    "host %s resolves to %s, an address that the service does not connect to (see %s)",
                    host, found.getFirst().getHostAddress(), setting);
        }
        known.put(host, new Known(allowed, nanoTime.getAsLong()));
        return allowed;
    }

    private static Future<InetAddress> choose(String host, List<InetAddress> addresses) {
        return addresses.isEmpty()
                ? Future.failedFuture(new ForbiddenException(host))
                : Future.succeededFuture(addresses.getFirst());
    }
}
