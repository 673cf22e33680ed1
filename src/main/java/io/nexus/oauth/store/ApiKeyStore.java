package io.nexus.oauth.store;

import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** API keys, by their digests. Non-blocking; fails with {@link StorageException} when the database cannot be used. */
@ApplicationScoped
public class ApiKeyStore implements PanacheRepositoryBase<ApiKeyRow, String> {

    /** The key {@code id}, live or not. */
    @WithSession
    public Uni<Optional<ApiKey>> get(String id) {
        return findById(id)
                .map(row -> Optional.ofNullable(row).map(ApiKeyRow::toKey))
                .onFailure()
                .transform(StorageException::of);
    }

    /** The tenant's keys in the order of their making. */
    @WithSession
    public Uni<List<ApiKey>> all(TenantId tenant) {
        return list("tenant = ?1 order by createdAt, id", tenant.value())
                .map(rows -> rows.stream().map(ApiKeyRow::toKey).toList())
                .onFailure()
                .transform(StorageException::of);
    }

    /** Stores a new key. */
    @WithTransaction
    public Uni<Void> add(ApiKey key) {
        return persist(ApiKeyRow.of(key)).replaceWithVoid().onFailure().transform(StorageException::of);
    }

    /** Revokes the tenant's key {@code id}. False when there is none that is live. */
    @WithTransaction
    public Uni<Boolean> revoke(TenantId tenant, String id, Instant at) {
        return update(
                        "revokedAt = :at where id = :id and tenant = :tenant and revokedAt is null",
                        Map.of("at", at, "id", id, "tenant", tenant.value()))
                .map(changed -> changed == 1)
                .onFailure()
                .transform(StorageException::of);
    }
}
