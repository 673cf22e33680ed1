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
 * Where a host is, if we may talk to it there. What is connected to is the address that was looked at, so a name that is looked up
 * twice cannot lead somewhere else the second time (DNS rebinding).
 */
public final class Egress {

    private static final Logger LOG = Logger.getLogger(Egress.class);
    private static final Duration FRESH = Duration.ofSeconds(10);
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    /** So long a name server may take before an address that was good minutes ago is used. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MOST_HOSTS = 1_000;

    /** A name server that does not answer holds one of them for many seconds. */
    static final int LOOK_UPS = 16;

    private final AddressRule rule;
    private final String setting;
    private final Vertx vertx;
    private final LongSupplier nanoTime;
    private final WorkerExecutor workers;
    private final Cache<String, Known> known = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(MOST_HOSTS)
            .build();

    /** Look-ups under way: who asks for the same host meanwhile waits for the same one. */
    private final ConcurrentHashMap<String, Future<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

    /** Addresses that we may talk to, none if all are forbidden, and when that was looked up. */
    private record Known(List<InetAddress> addresses, long at) {}

    public Egress(Vertx vertx, AddressRule rule) {
        this(vertx, rule, "nexus.oauth.providers.private-hosts");
    }

    /** With the setting that is to be looked at when a host is refused. */
    public Egress(Vertx vertx, AddressRule rule, String setting) {
        this(vertx, rule, setting, System::nanoTime);
    }

    /** With a clock of its own. */
    public Egress(Vertx vertx, AddressRule rule, String setting, LongSupplier nanoTime) {
        this(vertx, vertx.createSharedWorkerExecutor("nexus-dns", LOOK_UPS), rule, setting, nanoTime);
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

    /** The host may not be talked to where it is. */
    static final class ForbiddenException extends Exception {
        private static final long serialVersionUID = 1;

        ForbiddenException(String host) {
            super(host + " is at an address that we do not talk to", null, false, false);
        }
    }

    /**
     * The address of {@code host}. Fails with {@link ForbiddenException}, or when there is none. Does not block. While name servers are
     * slow, for this host or because others' hold all threads, a host that was looked up in the last minutes stays where it was.
     */
    Future<InetAddress> find(String host) {
        Known found = known.getIfPresent(host);
        if (found != null && nanoTime.getAsLong() - found.at() < FRESH.toNanos()) {
            return choose(host, found.addresses());
        }
        return here(found == null ? asked(host) : orAfterAWhile(asked(host), found.addresses()))
                .compose(addresses -> choose(host, addresses));
    }

    /** Who asked goes on in its own context, whoever began the look-up. */
    private <T> Future<T> here(Future<T> anywhere) {
        Promise<T> here = Promise.promise();
        Context context = vertx.getOrCreateContext();
        anywhere.onComplete(done -> context.runOnContext(back -> here.handle(done)));
        return here.future();
    }

    private Future<List<InetAddress>> asked(String host) {
        Promise<List<InetAddress>> mine = Promise.promise();
        Future<List<InetAddress>> others = underWay.putIfAbsent(host, mine.future());
        if (others != null) {
            return others;
        }
        workers.executeBlocking(() -> lookUp(host), false).onComplete(done -> {
            underWay.remove(host);
            mine.handle(done);
        });
        return mine.future();
    }

    private Future<List<InetAddress>> orAfterAWhile(Future<List<InetAddress>> asked, List<InetAddress> before) {
        Promise<List<InetAddress>> first = Promise.promise();
        long timer = vertx.setTimer(PATIENCE.toMillis(), late -> first.tryComplete(before));
        asked.onComplete(done -> {
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
                    "%s is at %s, where we do not talk to anybody (%s)",
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
