package io.nexus.oauth.keys;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantCounts;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.TenantKeyStore;
import io.nexus.oauth.store.keys.TenantNames;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Shreds a tenant: destroys its keys, which makes every copy of its secrets unreadable, also in backups that do not hold the
 * keys. Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class TenantShredder {

    private static final Logger LOG = Logger.getLogger(TenantShredder.class);

    private final TenantKeyStore store;
    private final TenantNames names;
    private final TenantKeyLoader keys;
    private final CancellationShield shield;

    TenantShredder(TenantKeyStore store, TenantNames names, TenantKeyLoader keys, CancellationShield shield) {
        this.store = store;
        this.names = names;
        this.keys = keys;
        this.shield = shield;
    }

    /**
     * A tenant.
     *
     * @param keyId the key that seals its secrets; null before its first secret and after shredding
     * @param shreddedAt when its keys were destroyed; null if they were not
     * @param shreddedBy the caller that shredded it; null if none did
     */
    public record Tenant(
            TenantId id,
            TenantCounts has,
            @Nullable String keyId,
            @Nullable Instant shreddedAt,
            @Nullable String shreddedBy) {}

    /**
     * A tenant of the list.
     *
     * @param credentials its credentials that are not revoked
     * @param shreddedAt when its keys were destroyed; null if they were not
     */
    public record Listed(
            TenantId id, long credentials, @Nullable Instant shreddedAt) {}

    /**
     * Up to {@code limit} tenants whose names contain {@code part}, in the order of their names after {@code after}; both may be
     * empty. A tenant is in the list once it has an API key, an OAuth client or a credential.
     */
    public Uni<List<Listed>> find(String part, String after, int limit) {
        return names.find(part, after, limit)
                .map(found -> found.stream()
                        .map(each -> new Listed(each.id(), each.credentials(), each.shreddedAt()))
                        .toList());
    }

    /** The counts and keys of {@code tenant}; zero counts for an unused name. */
    public Uni<Tenant> look(TenantId tenant) {
        return Uni.combine()
                .all()
                .unis(store.find(tenant), store.count(tenant))
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
     * Destroys the keys of {@code tenant} and the secrets that only they open, and revokes its credentials locally. Safe to
     * repeat. Fails with {@link CredentialException.Conflict} when a grant is not revoked at its provider yet, unless {@code
     * force}: after shredding the service can no longer revoke it there.
     */
    public Uni<Tenant> shred(TenantId tenant, boolean force, String by) {
        return shield.run(() -> store.shred(tenant, force, by)
                .chain(done -> done ? end(tenant, by) : repeat(tenant))
                .chain(() -> look(tenant)));
    }

    private Uni<Void> repeat(TenantId tenant) {
        return look(tenant).chain(found -> {
            if (found.shreddedAt() == null) {
                long living = found.has().active() + found.has().reauthorizationRequired();
                long pending = found.has().pending();
                throw new CredentialException.Conflict("%d %s not revoked, and the providers have not confirmed %d %s."
                                .formatted(
                                        living,
                                        living == 1 ? "credential is" : "credentials are",
                                        pending,
                                        pending == 1 ? "revocation" : "revocations")
                        + " Shredding makes that impossible: revoke first and wait, or use force");
            }
            keys.forget(tenant);
            return keys.destroy(tenant);
        });
    }

    private Uni<Void> end(TenantId tenant, String by) {
        LOG.warnf("Caller %s shredded tenant %s", by, tenant);
        keys.forget(tenant);
        return keys.destroy(tenant);
    }
}
