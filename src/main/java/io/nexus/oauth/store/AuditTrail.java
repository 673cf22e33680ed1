package io.nexus.oauth.store;

import io.nexus.oauth.credential.AuditEntry;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Reads the audit trail. Non-blocking; fails with {@link StorageException} when the database cannot be used. */
@OnDatabase
@ApplicationScoped
public class AuditTrail implements PanacheRepositoryBase<AuditRow, Long> {

    /** Up to {@code limit} entries of {@code tenant} with a number above {@code after}, the oldest first. */
    @WithSession
    public Uni<List<AuditEntry>> page(TenantId tenant, long after, int limit) {
        return find("tenant = ?1 and id > ?2 order by id", tenant.value(), after)
                .range(0, limit - 1)
                .list()
                .map(rows -> rows.stream().map(AuditRow::toEntry).toList());
    }
}
