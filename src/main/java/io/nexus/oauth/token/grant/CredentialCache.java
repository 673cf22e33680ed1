package io.nexus.oauth.token.grant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers credentials that were read, sealed as they are stored, so that a warm read asks nobody. What changes here is forgotten at
 * once, what changes elsewhere when its notification comes; while the notifications are not proven to come, nothing is remembered.
 */
@ApplicationScoped
public class CredentialCache implements ChangeFeed.Listener {

    /** A bound for what a crash between a commit and its notification could leave stale. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final int MOST = 100_000;

    private final CredentialStore store;
    private final ChangeFeed feed;
    private final RollbackDetector rollbacks;
    private final Cache<UUID, StoredCredential> byId =
            Caffeine.newBuilder().expireAfterWrite(LONGEST).maximumSize(MOST).build();
    private final Cache<AccountKey, UUID> ids =
            Caffeine.newBuilder().expireAfterWrite(LONGEST).maximumSize(MOST).build();

    /** Counts what was forgotten: a read that began before a change must not be remembered after it. */
    private final AtomicLong changes = new AtomicLong();

    CredentialCache(CredentialStore store, ChangeFeed feed, RollbackDetector rollbacks) {
        this.store = store;
        this.feed = feed;
        this.rollbacks = rollbacks;
        feed.listen(this);
    }

    /** The credential if it is remembered and its state is plain: active, nothing failed, nothing running. */
    public Optional<StoredCredential> warm(AccountKey account) {
        UUID id = ids.getIfPresent(account);
        return id == null ? Optional.empty() : warm(new CredentialKey(account.tenant(), id));
    }

    /** As {@link #warm(AccountKey)}. A foreign tenant's id is not found. */
    public Optional<StoredCredential> warm(CredentialKey key) {
        return feed.isProven()
                ? Optional.ofNullable(byId.getIfPresent(key.id()))
                        .filter(credential -> credential.key().equals(key))
                : Optional.empty();
    }

    /** The credential as it is stored now. */
    public Uni<Optional<StoredCredential>> read(AccountKey account) {
        return remembering(store.find(account));
    }

    /** The credential as it is stored now. */
    public Uni<Optional<StoredCredential>> read(CredentialKey key) {
        return remembering(store.find(key));
    }

    /** Tells the other replicas to forget. */
    void tell(UUID id) {
        feed.tell(id);
    }

    void forget(UUID id) {
        changes.incrementAndGet();
        byId.invalidate(id);
    }

    /** {@code credential} was stored just now: no older one should be read from here on. */
    void stored(StoredCredential credential) {
        rollbacks.seen(credential);
    }

    void forget(@Observes CredentialEvent event) {
        forget(event.key().id());
    }

    @Override
    public void changed(UUID id) {
        forget(id);
    }

    @Override
    public void missed() {
        changes.incrementAndGet();
        byId.invalidateAll();
    }

    private Uni<Optional<StoredCredential>> remembering(Uni<Optional<StoredCredential>> reading) {
        return Uni.createFrom().deferred(() -> {
            long before = changes.get();
            return reading.invoke(found -> found.ifPresent(rollbacks::seen))
                    .invoke(found -> found.filter(CredentialCache::isPlain)
                            .filter(credential -> feed.isProven())
                            .ifPresent(credential -> remember(credential, before)));
        });
    }

    private void remember(StoredCredential credential, long before) {
        UUID id = credential.key().id();
        byId.put(id, credential);
        ids.put(credential.account(), id);
        if (changes.get() != before) {
            byId.invalidate(id);
        }
    }

    private static boolean isPlain(StoredCredential credential) {
        return credential.status() == CredentialStatus.ACTIVE
                && credential.refresh().lastError() == null
                && credential.refresh().unresolved() == 0
                && !credential.refresh().leased();
    }
}
