package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Lists of credentials, page by page. Non-blocking; fails with {@link StorageException} when the database cannot be used. */
@OnDatabase
@ApplicationScoped
public class CredentialQueries implements PanacheRepositoryBase<CredentialRow, UUID> {

    /**
     * The next {@code limit} credentials of {@code tenant} that pass {@code filter}, in the order of their creation. Keyset
     * paging: rows that come or go meanwhile neither repeat nor hide others.
     */
    @WithSession
    public Uni<List<StoredCredential>> page(TenantId tenant, CredentialFilter filter, int limit) {
        StringBuilder query = new StringBuilder("tenant = :tenant");
        Map<String, Object> values = new HashMap<>(Map.of("tenant", tenant.value()));
        if (filter.provider() != null) {
            query.append(" and provider = :provider");
            values.put("provider", filter.provider());
        }
        if (filter.user() != null) {
            query.append(" and user = :user");
            values.put("user", filter.user());
        }
        if (filter.status() != null) {
            query.append(" and status = :status");
            values.put("status", filter.status().value());
        }
        query.append(ReachClause.of(filter.reach(), values));
        CredentialFilter.Position after = filter.after();
        if (after != null) {
            query.append(" and (createdAt > :at or (createdAt = :at and id > :id))");
            values.put("at", after.createdAt());
            values.put("id", after.id());
        }
        return find(query.append(" order by createdAt, id").toString(), values)
                .range(0, limit - 1)
                .list()
                .map(rows -> rows.stream().map(CredentialRow::toCredential).toList());
    }
}
