package io.nexus.oauth.store.audit;

import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * The row of an audit event, for changes in a session: written in their transaction, never read through this entity.
 */
@Entity
@Immutable
@Table(name = "audit_events")
public class AuditRow {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    @Column(name = "event_id")
    @Nullable Long id;

    /** By the database's clock. */
    @Column(name = "happened_at", insertable = false)
    @Nullable Instant at;

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

    @Column(columnDefinition = "text")
    @Nullable String subject;

    @Column(columnDefinition = "text")
    @Nullable String source;

    @Column(name = "token_version")
    @Nullable Long version;

    long times = 1;

    @Column(name = "token_fingerprint", columnDefinition = "text")
    @Nullable String fingerprint;

    public static AuditRow of(String operation, TenantId tenant, String actor, String subject) {
        AuditRow row = new AuditRow();
        row.operation = operation;
        row.tenant = tenant.value();
        row.actor = actor;
        row.subject = subject;
        return row;
    }

    public AuditRow ofProvider(String provider) {
        this.provider = provider;
        return this;
    }

    public AuditRow detailed(String detail) {
        this.detail = detail;
        return this;
    }

    /** Inserts the event in the open transaction. */
    public Uni<Void> persist() {
        return Panache.getSession().chain(session -> session.persist(this));
    }
}
