package io.nexus.oauth.store;

import io.nexus.oauth.credential.AuditEntry;
import io.nexus.oauth.credential.TenantId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A line of the audit trail; written by the statement that makes the change. */
@Entity
@Immutable
@Table(name = "audit_events")
class AuditRow {

    @Id
    @Column(name = "event_id")
    long id;

    @Column(name = "happened_at")
    Instant at;

    @Column(name = "tenant_id", columnDefinition = "text")
    String tenant;

    @Column(columnDefinition = "text")
    String operation;

    @Column(name = "credential_id")
    @Nullable UUID credentialId;

    @Column(columnDefinition = "text")
    @Nullable String provider;

    @Column(name = "user_email", columnDefinition = "text")
    @Nullable String user;

    @Column(columnDefinition = "text")
    String actor;

    @Column(columnDefinition = "text")
    @Nullable String detail;

    AuditEntry toEntry() {
        return new AuditEntry(id, at, new TenantId(tenant), operation, credentialId, provider, user, actor, detail);
    }
}
