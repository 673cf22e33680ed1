package io.nexus.oauth.audit;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditFilter;
import io.nexus.oauth.store.audit.AuditTrail;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Searches the audit trail of one tenant. Non-blocking; fails with {@code StorageException} when the database cannot be used. */
@ApplicationScoped
public class AuditReader {

    private static final int PAGE = 500;
    private static final int MOST_HAND_OUTS = 1000;

    private final AuditTrail trail;
    private final TokenFingerprints fingerprints;

    AuditReader(AuditTrail trail, TokenFingerprints fingerprints) {
        this.trail = trail;
        this.fingerprints = fingerprints;
    }

    /** Up to {@code limit} entries that {@code filter} asks for, in its order. */
    public Uni<List<AuditEntry>> page(TenantId tenant, AuditFilter filter, int limit) {
        return trail.page(tenant, filter, limit);
    }

    /** All entries that {@code filter} asks for, in its order, read in parts as the subscriber takes them. */
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

    /** To whom {@code token} was handed out, of the first 1000 lines those in {@code limits}. A token that nobody was given is in none. */
    public Uni<List<AuditEntry>> lookUp(TenantId tenant, Secret token, AccessLimits limits) {
        return trail.handOuts(tenant, fingerprints.all(token), MOST_HAND_OUTS)
                .map(found -> found.stream().filter(entry -> entry.isIn(limits)).toList());
    }
}
