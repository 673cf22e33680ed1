package io.nexus.oauth.access.issuer;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer as they were fetched last. They are fetched again when they are old, behind the callers' backs, and when a
 * token names a key that is not among them, while its caller waits; never more often than the least interval allows, whoever asks
 * with whatever key. While the issuer is away the last keys count, half a day at most.
 */
final class IssuerKeys {

    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final long LONGEST = Duration.ofHours(12).toNanos();

    private final String name;
    private final Supplier<Future<String>> source;
    private final long maxAge;
    private final long minInterval;
    private @Nullable Known known;
    private @Nullable Future<Known> running;
    private long triedAt;
    private boolean tried;
    private boolean failed;

    IssuerKeys(String name, Supplier<Future<String>> source, Duration maxAge, Duration minInterval) {
        this.name = name;
        this.source = source;
        this.maxAge = maxAge.toNanos();
        this.minInterval = minInterval.toNanos();
    }

    /**
     * All keys, among them the one called {@code id} if the issuer has it; null stands for any. Fails with {@link
     * IssuerUnavailable} when that cannot be known now.
     */
    synchronized Future<List<JsonWebKey>> get(@Nullable String id) {
        long now = System.nanoTime();
        Known present = usable(now);
        if (present != null && present.has(id)) {
            if (now - present.at() >= maxAge && mayFetch(now)) {
                fetch(now);
            }
            return Future.succeededFuture(present.keys());
        }
        if (mayFetch(now)) {
            return fetch(now).map(Known::keys);
        }
        return present != null && !failed
                ? Future.succeededFuture(present.keys())
                : Future.failedFuture(new IssuerUnavailable("its keys could not be fetched just now"));
    }

    private @Nullable Known usable(long now) {
        Known present = known;
        return present != null && now - present.at() < LONGEST ? present : null;
    }

    private boolean mayFetch(long now) {
        return running != null || !tried || now - triedAt >= minInterval;
    }

    private Future<Known> fetch(long now) {
        if (running != null) {
            return running;
        }
        tried = true;
        triedAt = now;
        Future<Known> fetched = source.get().map(text -> new Known(parse(text), now));
        running = fetched;
        // an answer that is there already has to find that it is running
        return fetched.onComplete(done -> {
            synchronized (this) {
                running = null;
                failed = done.failed();
                if (done.succeeded()) {
                    known = done.result();
                } else {
                    LOG.warnf(
                            "the keys of the issuer %s cannot be had: %s",
                            name, Objects.requireNonNull(done.cause()).getMessage());
                }
            }
        });
    }

    private static List<JsonWebKey> parse(String text) {
        try {
            return List.copyOf(new JsonWebKeySet(text).getJsonWebKeys());
        } catch (JoseException e) {
            throw new IssuerUnavailable("its keys are not a JSON Web Key Set");
        }
    }

    private record Known(List<JsonWebKey> keys, long at) {
        boolean has(@Nullable String id) {
            return id == null || keys.stream().anyMatch(key -> id.equals(key.getKeyId()));
        }
    }
}
