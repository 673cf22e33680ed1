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
 * The keys of an issuer, as last fetched. Old keys are fetched again in the background. Keys are also fetched when a
 * token names an unknown key, while its caller waits. The minimum interval bounds all fetches, whatever keys callers
 * name. While the issuer is unavailable, the last keys are used for up to 12 hours.
 */
final class IssuerKeys {

    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final long MAX_AGE_UNAVAILABLE = Duration.ofHours(12).toNanos();

    private final String name;
    private final Supplier<Future<String>> source;
    private final long maxAge;
    private final long minInterval;
    private @Nullable Known known;
    private @Nullable Future<Known> inFlight;
    private long lastFetchAt;
    private boolean fetchedBefore;
    private boolean failed;

    IssuerKeys(String name, Supplier<Future<String>> source, Duration maxAge, Duration minInterval) {
        this.name = name;
        this.source = source;
        this.maxAge = maxAge.toNanos();
        this.minInterval = minInterval.toNanos();
    }

    /**
     * All keys, including the one named {@code id} if the issuer has it; null stands for any. Does not block. Fails
     * with {@link IssuerUnavailable} when the keys cannot be fetched.
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
                : Future.failedFuture(new IssuerUnavailable("the issuer's keys could not be fetched"));
    }

    private @Nullable Known usable(long now) {
        Known present = known;
        return present != null && now - present.at() < MAX_AGE_UNAVAILABLE ? present : null;
    }

    private boolean mayFetch(long now) {
        return inFlight != null || !fetchedBefore || now - lastFetchAt >= minInterval;
    }

    private Future<Known> fetch(long now) {
        if (inFlight != null) {
            return inFlight;
        }
        fetchedBefore = true;
        lastFetchAt = now;
        Future<Known> fetched = source.get().map(text -> new Known(parse(text), now));
        inFlight = fetched;
        // set before the callback is registered: an already completed future runs it at once
        return fetched.onComplete(done -> {
            synchronized (this) {
                inFlight = null;
                failed = done.failed();
                if (done.succeeded()) {
                    known = done.result();
                } else {
                    LOG.warnf(
                            "keys of issuer %s cannot be fetched: %s",
                            name, Objects.requireNonNull(done.cause()).getMessage());
                }
            }
        });
    }

    private static List<JsonWebKey> parse(String text) {
        try {
            return List.copyOf(new JsonWebKeySet(text).getJsonWebKeys());
        } catch (JoseException e) {
            throw new IssuerUnavailable("the issuer's keys are not a JSON Web Key Set");
        }
    }

    private record Known(List<JsonWebKey> keys, long at) {
        boolean has(@Nullable String id) {
            return id == null || keys.stream().anyMatch(key -> id.equals(key.getKeyId()));
        }
    }
}
