package io.nexus.oauth.provider.metadata;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.provider.metadata.Discovery.Document;
import io.nexus.oauth.provider.reply.ProviderException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of the issuers in use. A tenant has one OAuth client at a provider and so uses one issuer there: a new
 * issuer takes the place of the former one. Tenants with the same issuer share its metadata. Metadata is read again
 * after an hour, after a failure sooner. Metadata that nobody uses is dropped. If there is too much of it, the metadata
 * that is used least is dropped, and read again when it is needed.
 */
public final class MetadataCache {

    /** In characters, so in bytes for most documents. */
    static final long MAX_WEIGHT = 8L * 1024 * 1024;

    /** The requests that one tenant may have in flight: each can hold a whole document in memory. */
    static final int MAX_FETCHES_PER_TENANT = 4;

    private static final Duration TTL = Duration.ofHours(1);
    private static final Duration FAILURE_TTL = Duration.ofSeconds(10);
    private static final Duration RETRY_AFTER_BUSY = Duration.ofSeconds(1);
    private static final Duration MAX_IDLE = Duration.ofHours(2);

    /** The memory of an entry beside its texts, and of a failure, in bytes. */
    private static final int ENTRY_WEIGHT = 1_000;

    private final InstantSource clock;
    private final Cache<Place, Entry> inUse = Caffeine.newBuilder()
            .expireAfterAccess(MAX_IDLE)
            .maximumWeight(MAX_WEIGHT)
            .weigher((Place place, Entry entry) -> entry.weight)
            .build();

    /** The entry of each issuer, as long as a place refers to it. */
    private final Cache<String, Entry> byIssuer =
            Caffeine.newBuilder().weakValues().build();

    private final ConcurrentHashMap<String, Integer> fetches = new ConcurrentHashMap<>();

    /** An empty cache. */
    public MetadataCache(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Where an issuer is used.
     *
     * @param owner the tenant that chose the issuer, or null when the operator did
     * @param issuer null for a tenant's own choice; the operator may configure several issuers for one provider
     */
    record Place(
            @Nullable String owner,
            String provider,
            @Nullable String issuer) {

        static Place of(@Nullable String owner, String provider, String issuer) {
            return new Place(owner, provider, owner == null ? issuer : null);
        }
    }

    /** The metadata of {@code issuer}, or that of {@code fetch}, which at most one caller at a time runs. */
    Uni<Document> get(Place place, String issuer, Supplier<Uni<Document>> fetch) {
        return Uni.createFrom().deferred(() -> entry(place, issuer).read(place, fetch));
    }

    /** The issuers that are kept. */
    long size() {
        inUse.cleanUp();
        return inUse.estimatedSize();
    }

    private Entry entry(Place place, String issuer) {
        Entry present = inUse.getIfPresent(place);
        if (present != null && present.issuer.equals(issuer)) {
            return present;
        }
        Entry entry = byIssuer.get(place.provider() + " " + issuer, missing -> new Entry(issuer));
        inUse.put(place, entry);
        return entry;
    }

    private boolean begin(@Nullable String owner) {
        if (owner == null) {
            return true;
        }
        boolean[] begun = {false};
        fetches.compute(owner, (tenant, present) -> {
            int count = present == null ? 0 : present;
            begun[0] = count < MAX_FETCHES_PER_TENANT;
            return begun[0] ? Integer.valueOf(count + 1) : present;
        });
        return begun[0];
    }

    private void end(@Nullable String owner) {
        if (owner != null) {
            fetches.computeIfPresent(owner, (tenant, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        }
    }

    private final class Entry {

        private final String issuer;
        private @Nullable Uni<Document> result; // guarded by this

        /** When the result expires. Far in the future while a request is in flight, so that later callers wait for it. */
        private Instant until = Instant.MAX; // guarded by this

        private volatile int weight;

        Entry(String issuer) {
            this.issuer = issuer;
            this.weight = ENTRY_WEIGHT + issuer.length();
        }

        synchronized Uni<Document> read(Place place, Supplier<Uni<Document>> fetch) {
            Uni<Document> present = result;
            if (present != null && clock.instant().isBefore(until)) {
                return present;
            }
            if (!begin(place.owner())) {
                return Uni.createFrom()
                        .failure(new ProviderException.Unavailable(
                                place.provider(), "discovery_busy", RETRY_AFTER_BUSY));
            }
            until = Instant.MAX;
            result = fetch.get()
                    .onItemOrFailure()
                    .invoke((document, failure) -> end(place, document))
                    .memoize()
                    .indefinitely();
            return result;
        }

        private void end(Place place, @Nullable Document document) {
            MetadataCache.this.end(place.owner());
            synchronized (this) {
                until = clock.instant().plus(document == null ? FAILURE_TTL : TTL);
            }
            if (document != null) {
                weight = ENTRY_WEIGHT + issuer.length() + document.length();
                inUse.asMap().replace(place, this, this); // weighs the entry again
            }
        }
    }
}
