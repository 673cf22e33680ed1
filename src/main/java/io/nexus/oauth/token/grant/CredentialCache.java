package io.nexus.oauth.token.grant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Caches stored credentials in sealed form, so that a warm read needs no database. A change by this replica evicts at once; a
 * change by another replica evicts when its notification arrives. While the change feed is not proven to work, the cache
 * stays empty.
 */
@ApplicationScoped
public class CredentialCache implements ChangeFeed.Listener {

    /** How long an entry can be stale after a crash between a commit and its notification. */
    private static final Duration MAX_AGE = Duration.ofMinutes(1);

    static final int MAX_ENTRIES = 100_000;

    /** The most characters of all credentials: a quarter of the heap. Providers and importing callers choose long tokens. */
    static final long MAX_WEIGHT = Runtime.getRuntime().maxMemory() / 4;

    /** What a credential takes beside its secrets, in characters. */
    private static final int ENTRY_WEIGHT = 1_000;

    private final CredentialStore store;
    private final ChangeFeed feed;
    private final RollbackDetector rollbacks;
    private final Cache<UUID, StoredCredential> byId = Caffeine.newBuilder()
            .expireAfterWrite(MAX_AGE)
            .maximumWeight(MAX_WEIGHT)
            .weigher((UUID id, StoredCredential credential) -> weight(credential))
            .build();
    private final Cache<AccountKey, UUID> ids = Caffeine.newBuilder()
            .expireAfterWrite(MAX_AGE)
            .maximumSize(MAX_ENTRIES)
            .build();

    private final EvictionFence<UUID, StoredCredential> fence = new EvictionFence<>(byId.asMap());

    CredentialCache(CredentialStore store, ChangeFeed feed, RollbackDetector rollbacks) {
        this.store = store;
        this.feed = feed;
        this.rollbacks = rollbacks;
        feed.listen(this);
    }

    /** The cached credential. Only plain ones are cached: active, without a failed refresh and without a lease. */
    public Optional<StoredCredential> warm(AccountKey account) {
        UUID id = ids.getIfPresent(account);
        return id == null ? Optional.empty() : warm(new CredentialKey(account.tenant(), id));
    }

    /** As {@link #warm(AccountKey)}. The id of another tenant's credential is not found. */
    public Optional<StoredCredential> warm(CredentialKey key) {
        return feed.isProven()
                ? Optional.ofNullable(byId.getIfPresent(key.id()))
                        .filter(credential -> credential.key().equals(key))
                : Optional.empty();
    }

    /** Reads the credential from the database. */
    public Uni<Optional<StoredCredential>> read(AccountKey account) {
        return caching(store.find(account));
    }

    /** Reads the credential from the database. */
    public Uni<Optional<StoredCredential>> read(CredentialKey key) {
        return caching(store.find(key));
    }

    /** Makes the other replicas evict the credential. */
    void notifyReplicas(UUID id) {
        feed.publish(id);
    }

    void evict(UUID id) {
        fence.evict(id);
    }

    /** Records that {@code credential} was stored just now: a later read of an older version is a rollback. */
    void stored(StoredCredential credential) {
        rollbacks.seen(credential);
    }

    void evict(@Observes CredentialEvent event) {
        evict(event.key().id());
    }

    @Override
    public void changed(UUID id) {
        evict(id);
    }

    @Override
    public void missed() {
        fence.evictAll();
    }

    private Uni<Optional<StoredCredential>> caching(Uni<Optional<StoredCredential>> reading) {
        return Uni.createFrom().deferred(() -> {
            long before = fence.evictions();
            return reading.invoke(found -> found.ifPresent(rollbacks::seen))
                    .invoke(found -> found.filter(CredentialCache::isPlain)
                            .filter(credential -> feed.isProven())
                            .ifPresent(credential -> cache(credential, before)));
        });
    }

    /** Caches {@code credential}, unless something was evicted since {@code before}. */
    void cache(StoredCredential credential, long before) {
        UUID id = credential.key().id();
        fence.put(id, credential, before);
        ids.put(credential.account(), id);
    }

    /** The characters of all cached credentials. */
    long weight() {
        byId.cleanUp();
        return byId.asMap().values().stream().mapToLong(CredentialCache::weight).sum();
    }

    /** The number of names whose credential is known. */
    long names() {
        ids.cleanUp();
        return ids.estimatedSize();
    }

    /** Counts the evictions so far. */
    long changes() {
        return fence.evictions();
    }

    /** The characters of {@code credential}, the token request of a machine connection included. */
    static int weight(StoredCredential credential) {
        TokenRequest request = credential.request();
        return weight(credential.accessToken(), credential.refreshToken(), credential.metadata())
                + (request == null ? 0 : request.length());
    }

    static int weight(
            @Nullable SealedSecret accessToken, @Nullable SealedSecret refreshToken, Map<String, String> metadata) {
        int weight = ENTRY_WEIGHT;
        for (SealedSecret secret : Arrays.asList(accessToken, refreshToken)) {
            weight += secret == null ? 0 : secret.text().length();
        }
        for (String value : metadata.values()) {
            weight += value.length();
        }
        return weight;
    }

    private static boolean isPlain(StoredCredential credential) {
        return credential.status() == CredentialStatus.ACTIVE
                && credential.refresh().lastError() == null
                && credential.refresh().unresolved() == 0
                && !credential.refresh().leased();
    }
}
