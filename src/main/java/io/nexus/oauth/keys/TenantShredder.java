package io.nexus.oauth.keys;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantCounts;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.TenantKeyStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ends a tenant for good by destroying its keys: every copy of its secrets is unreadable then, wherever it lies, unless the keys lie
 * with it. Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class TenantShredder {

    private static final Logger LOG = Logger.getLogger(TenantShredder.class);

    private final TenantKeyStore store;
    private final TenantKeyLoader keys;
    private final CancellationShield shield;

    TenantShredder(TenantKeyStore store, TenantKeyLoader keys, CancellationShield shield) {
        this.store = store;
        this.keys = keys;
        this.shield = shield;
    }

    /**
     * A tenant.
     *
     * @param keyId which of its keys seals; null before its first secret, and when it was shredded
     * @param shreddedAt when its keys were destroyed; null when they were not
     * @param shreddedBy who did it
     */
    public record Tenant(
            TenantId id,
            TenantCounts has,
            @Nullable String keyId,
            @Nullable Instant shreddedAt,
            @Nullable String shreddedBy) {}

    /** How {@code tenant} stands; one that nobody ever used has nothing. */
    public Uni<Tenant> look(TenantId tenant) {
        return Uni.combine()
                .all()
                .unis(store.find(tenant), store.tally(tenant))
                .asTuple()
                .map(found -> {
                    TenantKeyStore.Keys stored = found.getItem1();
                    return new Tenant(
                            tenant,
                            found.getItem2(),
                            stored.shreddedAt() != null || stored.keys().isEmpty()
                                    ? null
                                    : stored.keys().getFirst().id(),
                            stored.shreddedAt(),
                            stored.shreddedBy());
                });
    }

    /**
     * Destroys the keys of {@code tenant} and everything that only they opened; its credentials are revoked here. Again does no harm. Fails
     * with {@link CredentialException.Conflict} when there is a grant that its provider was not asked to end, or has not ended yet, unless
     * {@code force}: nobody can ask it any more afterwards.
     */
    public Uni<Tenant> shred(TenantId tenant, boolean force, String by) {
        return shield.run(() -> store.shred(tenant, force, by)
                .chain(done -> done ? end(tenant, by) : again(tenant))
                .chain(() -> look(tenant)));
    }

    private Uni<Void> again(TenantId tenant) {
        return look(tenant).chain(found -> {
            if (found.shreddedAt() == null) {
                throw new CredentialException.Conflict(
                        "%d credentials are not revoked and %d revocations are not confirmed by"
                                        .formatted(
                                                found.has().active()
                                                        + found.has().reauthorizationRequired(),
                                                found.has().pending())
                                + " their providers, who cannot be asked afterwards: revoke and wait, or say force");
            }
            keys.forget(tenant);
            return keys.end(tenant);
        });
    }

    private Uni<Void> end(TenantId tenant, String by) {
        LOG.warnf("tenant %s is shredded for %s", tenant, by);
        keys.forget(tenant);
        return keys.end(tenant);
    }
}
