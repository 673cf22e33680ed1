package io.nexus.oauth.rest;

import io.nexus.oauth.api.ApiKeyView;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.AuditVerificationView;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.RefreshView;
import io.nexus.oauth.audit.ChainVerifier;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.event.AuditEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Maps domain values to the records of the API. */
final class ViewMapper {

    private ViewMapper() {}

    static CredentialView credential(StoredCredential credential, Instant now) {
        return credential(credential, now, null);
    }

    static CredentialView credential(StoredCredential credential, Instant now, @Nullable String warning) {
        AccountIdentity identity = credential.identity();
        TokenRequest request = credential.request();
        return new CredentialView(
                credential.key().id(),
                credential.key().tenant().value(),
                credential.account().provider(),
                credential.account().user(),
                credential.state(now).value(),
                credential.status().value(),
                !credential.isValidFor(Duration.ZERO, now),
                credential.expiresAt(),
                credential.expiryAssumed(),
                credential.isRefreshable(),
                credential.grantType().value(),
                credential.scopes().values(),
                request == null ? null : request.audience(),
                request == null ? GrantRequest.of(credential.metadata()).resources() : request.resources(),
                GrantRequest.granted(credential.metadata())
                        .map(AuthorizationDetails::parse)
                        .orElse(List.of()),
                request == null ? null : request.subject(),
                credential.clientId(),
                identity == null ? null : identity.id(),
                identity == null ? null : identity.label(),
                credential.tokenType(),
                credential.version(),
                GrantRequest.without(credential.metadata()),
                refresh(credential.refresh()),
                credential.createdAt(),
                credential.updatedAt(),
                credential.revokedAt(),
                credential.lastUsedAt(),
                credential.createdBy(),
                warning);
    }

    static ConnectSessionView session(ConnectSession session, @Nullable String url, Instant now) {
        return new ConnectSessionView(
                session.id(),
                url,
                session.account().provider(),
                session.account().user(),
                session.isExpired(now) ? "expired" : session.status().value(),
                session.error(),
                session.credentialId(),
                session.expiresAt());
    }

    static ApiKeyView apiKey(ApiKey key, @Nullable String text) {
        return new ApiKeyView(
                key.id(),
                text,
                key.name(),
                key.tenant().value(),
                new TreeSet<>(key.roles()).stream().toList(),
                key.createdBy(),
                key.createdAt(),
                key.expiresAt(),
                key.revokedAt(),
                key.lastUsedAt());
    }

    static AuditEntryView audit(AuditEntry entry) {
        return new AuditEntryView(
                entry.id(),
                entry.at(),
                entry.operation(),
                entry.credentialId(),
                entry.provider(),
                entry.user(),
                entry.actor(),
                entry.subject(),
                entry.source(),
                entry.version(),
                entry.times(),
                entry.detail());
    }

    static AuditVerificationView verification(ChainVerifier.Verdict verdict) {
        String kind = verdict.kind();
        Long seq = verdict.faultSeq();
        return new AuditVerificationView(
                kind == null,
                verdict.checked(),
                verdict.seq() == 0 ? null : new ChainVerifier.Anchor(verdict.seq(), verdict.mac()).toString(),
                kind == null && !verdict.ended() ? String.valueOf(verdict.seq()) : null,
                kind == null || seq == null ? null : new AuditVerificationView.Fault(kind, seq, verdict.faultLine()));
    }

    private static RefreshView refresh(RefreshState state) {
        return new RefreshView(
                state.nextAt(),
                state.lastAt(),
                state.failures(),
                state.unresolved(),
                state.lastError(),
                state.leased(),
                state.tokenExpiresAt());
    }
}
