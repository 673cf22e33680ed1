package io.nexus.oauth.store;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A credential as the lists read it. Immutable here: every change is one of the single statements, which keep the fences. */
@Entity
@Immutable
@Table(name = "oauth_credentials")
class CredentialRow {

    @Id
    @Column(name = "credential_id")
    UUID id;

    @Column(name = "tenant_id", columnDefinition = "text")
    String tenant;

    @Column(columnDefinition = "text")
    String provider;

    @Column(name = "user_email", columnDefinition = "text")
    String user;

    @Column(columnDefinition = "text")
    String status;

    @Column(name = "encrypted_access_token", columnDefinition = "text")
    @Nullable String accessToken;

    @Column(name = "encrypted_refresh_token", columnDefinition = "text")
    @Nullable String refreshToken;

    @Column(name = "token_type", columnDefinition = "text")
    String tokenType;

    @Column(columnDefinition = "text")
    String scopes;

    @Column(name = "expires_at")
    @Nullable Instant expiresAt;

    @Column(name = "expiry_assumed")
    boolean expiryAssumed;

    @Column(name = "issued_at")
    Instant issuedAt;

    @Column(name = "next_refresh_at")
    @Nullable Instant nextRefreshAt;

    @Column(name = "client_id", columnDefinition = "text")
    @Nullable String clientId;

    @Column(name = "account_id", columnDefinition = "text")
    @Nullable String accountId;

    @Column(name = "account_label", columnDefinition = "text")
    @Nullable String accountLabel;

    @Column(columnDefinition = "text")
    String metadata;

    @Column(name = "token_version")
    long version;

    int unresolved;

    int failures;

    @Column(name = "last_error", columnDefinition = "text")
    @Nullable String lastError;

    @Column(name = "last_failed_at")
    @Nullable Instant lastFailedAt;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "updated_at")
    Instant updatedAt;

    @Column(name = "last_refreshed_at")
    @Nullable Instant lastRefreshedAt;

    @Column(name = "suspected_at")
    @Nullable Instant suspectedAt;

    @Column(name = "revoked_at")
    @Nullable Instant revokedAt;

    @Column(name = "last_used_at")
    @Nullable Instant lastUsedAt;

    @Column(name = "created_by", columnDefinition = "text")
    @Nullable String createdBy;

    @Formula("coalesce(lease_until > clock_timestamp(), false)")
    boolean leased;

    StoredCredential toCredential() {
        TenantId tenantId = new TenantId(tenant);
        return new StoredCredential(
                new CredentialKey(tenantId, id),
                new AccountKey(tenantId, provider, user),
                CredentialStatus.of(status),
                Texts.secret(accessToken),
                Texts.secret(refreshToken),
                tokenType,
                expiresAt,
                expiryAssumed,
                Texts.scopes(scopes),
                clientId,
                Texts.identity(accountId, accountLabel),
                Texts.map(metadata),
                version,
                new RefreshState(
                        nextRefreshAt,
                        lastRefreshedAt,
                        lastFailedAt,
                        failures,
                        unresolved,
                        lastError,
                        suspectedAt,
                        leased,
                        Duration.ZERO),
                issuedAt,
                createdAt,
                updatedAt,
                revokedAt,
                lastUsedAt,
                createdBy);
    }
}
