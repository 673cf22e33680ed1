package io.nexus.oauth.testing;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Credentials that no database has, for tests of what the service keeps in memory. */
public final class SampleCredential {

    private static final SealedSecret TOKEN = new SealedSecret("key.token");

    private SampleCredential() {}

    /** Of {@code user}, at provider {@code google}, by the OAuth client {@code clientId}. */
    public static StoredCredential of(String tenant, String user, String clientId) {
        return of(tenant, user, clientId, TOKEN);
    }

    /** With its access token. */
    public static StoredCredential of(String tenant, String user, String clientId, SealedSecret token) {
        CredentialKey key = new CredentialKey(new TenantId(tenant), UUID.randomUUID());
        AccountKey account = new AccountKey(key.tenant(), "google", user);
        return version(1, CredentialStatus.ACTIVE, key, account, clientId, token);
    }

    /** A machine connection with this token request. */
    public static StoredCredential machine(TokenRequest request) {
        CredentialKey key = new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());
        AccountKey account = new AccountKey(key.tenant(), "google", "machine");
        return version(1, CredentialStatus.ACTIVE, key, account, "client", TOKEN, request);
    }

    /** The row of {@code credential} after its revocation. */
    public static StoredCredential revoked(StoredCredential credential) {
        long version = credential.version() + 1;
        return version(version, CredentialStatus.REVOKED, credential.key(), credential.account(), null, null);
    }

    private static StoredCredential version(
            long version,
            CredentialStatus status,
            CredentialKey key,
            AccountKey account,
            @Nullable String clientId,
            @Nullable SealedSecret token) {
        return version(version, status, key, account, clientId, token, null);
    }

    private static StoredCredential version(
            long version,
            CredentialStatus status,
            CredentialKey key,
            AccountKey account,
            @Nullable String clientId,
            @Nullable SealedSecret token,
            @Nullable TokenRequest request) {
        return new StoredCredential(
                key,
                account,
                status,
                token,
                token == null || request != null ? null : TOKEN,
                "Bearer",
                Instant.EPOCH,
                false,
                Scopes.NONE,
                clientId,
                Map.of(),
                null,
                Map.of(),
                version,
                new RefreshState(null, null, null, 0, 0, null, null, true, Duration.ZERO, null, null),
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                null,
                null,
                request);
    }
}
