package io.nexus.oauth.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Where a host is, if we may talk to it there. What is connected to is the address that was looked at, so a name that is looked up
 * twice cannot lead somewhere else the second time (DNS rebinding).
 */
final class Egress {

    private static final Logger LOG = Logger.getLogger(Egress.class);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST_HOSTS = 1_000;
    private static final int LOOK_UPS = 4;

    private final AddressRule rule;
    private final String setting;
    private final WorkerExecutor workers;
    private final Cache<String, List<InetAddress>> known = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(MOST_HOSTS)
            .build();

    Egress(Vertx vertx, AddressRule rule) {
        this(vertx, rule, "nexus.oauth.providers.private-hosts");
    }

    /** With the setting that is to be looked at when a host is refused. */
    Egress(Vertx vertx, AddressRule rule, String setting) {
        this(vertx.createSharedWorkerExecutor("nexus-dns", LOOK_UPS), rule, setting);
    }

    private Egress(WorkerExecutor workers, AddressRule rule, String setting) {
        this.workers = workers;
        this.rule = rule;
        this.setting = setting;
    }

    /** The same under another rule. */
    Egress under(AddressRule other) {
        return new Egress(workers, other, setting);
    }

    /** The host may not be talked to where it is. */
    static final class ForbiddenException extends Exception {
        private static final long serialVersionUID = 1;

        ForbiddenException(String host) {
            super(host + " is at an address that we do not talk to", null, false, false);
        }
    }

    /** The address of {@code host}. Fails with {@link ForbiddenException}, or when there is none. Does not block. */
    Future<InetAddress> find(String host) {
        List<InetAddress> found = known.getIfPresent(host);
        return found == null
                ? workers.executeBlocking(() -> lookUp(host), false).compose(addresses -> choose(host, addresses))
                : choose(host, found);
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
        known.put(host, allowed);
        return allowed;
    }

    private static Future<InetAddress> choose(String host, List<InetAddress> addresses) {
        return addresses.isEmpty()
                ? Future.failedFuture(new ForbiddenException(host))
                : Future.succeededFuture(addresses.getFirst());
    }
}
