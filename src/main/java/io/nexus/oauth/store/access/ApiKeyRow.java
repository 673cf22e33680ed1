package io.nexus.oauth.store.access;

import io.nexus.oauth.credential.ApiKey;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An API key. */
@Entity
@Table(name = "api_keys")
class ApiKeyRow {

    @Id
    @Column(name = "key_id", columnDefinition = "text")
    String id;

    @Column(name = "tenant_id", columnDefinition = "text")
    String tenant;

    @Column(columnDefinition = "text")
    String name;

    @Column(columnDefinition = "text")
    String roles;

    @Column(columnDefinition = "text")
    String digest;

    @Column(name = "terms_digest", columnDefinition = "text")
    @Nullable String termsDigest;

    @Column(name = "created_by", columnDefinition = "text")
    String createdBy;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    @Column(name = "revoked_at")
    @Nullable Instant revokedAt;

    @Column(name = "last_used_at")
    @Nullable Instant lastUsedAt;

    static ApiKeyRow of(ApiKey key) {
        ApiKeyRow row = new ApiKeyRow();
        row.id = key.id();
        row.tenant = key.tenant().value();
        row.name = key.name();
        row.roles = String.join(" ", new TreeSet<>(key.roles()));
        row.digest = key.digest();
        row.termsDigest = key.termsDigest();
        row.createdBy = key.createdBy();
        row.createdAt = key.createdAt();
        row.expiresAt = key.expiresAt();
        return row;
    }
}
