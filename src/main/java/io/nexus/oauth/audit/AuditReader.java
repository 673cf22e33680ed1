package io.nexus.oauth.audit;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditFilter;
import io.nexus.oauth.store.audit.AuditStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Searches the audit trail of one tenant. Non-blocking; fails with {@code StorageException} when the database cannot be
 * used.
 */
@ApplicationScoped
public class AuditReader {

    private static final int PAGE = 500;
    private static final int MAX_LOOK_UP_RESULTS = 1000;

    private final AuditStore trail;
    private final TokenFingerprints fingerprints;

    AuditReader(AuditStore trail, TokenFingerprints fingerprints) {
        this.trail = trail;
        this.fingerprints = fingerprints;
    }

    /** Up to {@code limit} entries that match {@code filter}, in its order. */
    public Uni<List<AuditEntry>> page(TenantId tenant, AuditFilter filter, int limit) {
        return trail.page(tenant, filter, limit);
    }

    /** All entries that match {@code filter}, in its order, read in pages on the subscriber's demand. */
    public Multi<List<AuditEntry>> all(TenantId tenant, AuditFilter filter) {
        return Multi.createFrom().deferred(() -> {
            AtomicLong last = new AtomicLong(filter.after());
            return Multi.createBy()
                    .repeating()
                    .uni(() -> trail.page(tenant, filter.after(last.get()), PAGE)
                            .invoke(found -> found.forEach(entry -> last.set(entry.id()))))
                    .whilst(found -> found.size() == PAGE);
        });
    }

    /**
     * The records of callers who received {@code token}: of the first 1000, those within {@code limits}. Empty when the
     * token was never issued to a caller.
     */
    public Uni<List<AuditEntry>> lookUp(TenantId tenant, Secret token, AccessLimits limits) {
        return trail.issuedTokens(tenant, fingerprints.all(token), MAX_LOOK_UP_RESULTS)
                .map(found -> found.stream().filter(entry -> entry.isIn(limits)).toList());
    }
}
