package io.nexus.oauth.store;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.TenantId;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A connect session. Its moves from one status to the next are single statements of {@link ConnectSessionStore}. */
@Entity
@Table(name = "connect_sessions")
class ConnectSessionRow {

    @Id
    @Column(name = "session_id")
    UUID id;

    @Column(name = "link_digest", columnDefinition = "text")
    String linkDigest;

    @Column(name = "tenant_id", columnDefinition = "text")
    String tenant;

    @Column(columnDefinition = "text")
    String provider;

    @Column(name = "user_email", columnDefinition = "text")
    String user;

    @Column(columnDefinition = "text")
    String scopes;

    @Column(name = "return_url", columnDefinition = "text")
    @Nullable String returnUrl;

    @Column(name = "accept_other_account")
    boolean acceptOtherAccount;

    @Column(name = "created_by", columnDefinition = "text")
    String createdBy;

    @Column(columnDefinition = "text")
    String status;

    @Column(columnDefinition = "text")
    @Nullable String error;

    @Column(name = "credential_id")
    @Nullable UUID credentialId;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    static ConnectSessionRow of(ConnectSession session, String linkDigest) {
        ConnectSessionRow row = new ConnectSessionRow();
        row.id = session.id();
        row.linkDigest = linkDigest;
        row.tenant = session.account().tenant().value();
        row.provider = session.account().provider();
        row.user = session.account().user();
        row.scopes = session.scopes().join(" ");
        row.returnUrl = session.returnUrl();
        row.acceptOtherAccount = session.acceptOtherAccount();
        row.createdBy = session.createdBy();
        row.status = session.status().value();
        row.createdAt = session.createdAt();
        row.expiresAt = session.expiresAt();
        return row;
    }

    ConnectSession toSession() {
        return new ConnectSession(
                id,
                new AccountKey(new TenantId(tenant), provider, user),
                Texts.scopes(scopes),
                returnUrl,
                acceptOtherAccount,
                createdBy,
                ConnectSession.Status.valueOf(status.toUpperCase(Locale.ROOT)),
                error,
                credentialId,
                createdAt,
                expiresAt);
    }
}
