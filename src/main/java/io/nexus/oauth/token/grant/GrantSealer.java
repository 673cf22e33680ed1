package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Seals tokens before they are stored and opens them again. Each secret is sealed for its place in the database. */
@ApplicationScoped
public class GrantSealer {

    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;

    GrantSealer(SecretSealer sealer, TenantKeyLoader tenants) {
        this.sealer = sealer;
        this.tenants = tenants;
    }

    /** As {@link TenantKeyLoader#ensureOpenable}; must complete before a secret of {@code credential} is opened. */
    public Uni<StoredCredential> ensureOpenable(StoredCredential credential) {
        return tenants.ensureOpenable(credential.key().tenant(), credential.accessToken())
                .replaceWith(credential);
    }

    /** Whether {@link #ensureOpenable} has nothing to do. */
    public boolean isOpenable(StoredCredential credential) {
        return tenants.isOpenable(credential.key().tenant(), credential.accessToken());
    }

    /** As {@link TenantKeyLoader#ensureSealable}. */
    public Uni<Void> ensureSealable(TenantId tenant) {
        return tenants.ensureSealable(tenant);
    }

    /** Seals a new grant, to be stored as {@code key}. */
    public SealedGrant seal(CredentialKey key, OAuthCredential credential, Instant issuedAt, RefreshTimers timers) {
        Map<String, String> vars = credential.clientVars();
        Secret refresh = credential.refreshToken();
        return new SealedGrant(
                sealer.seal(credential.accessToken(), StoredCredential.place(key, vars, StoredCredential.ACCESS_TOKEN)),
                refresh == null
                        ? null
                        : sealer.seal(refresh, StoredCredential.place(key, vars, StoredCredential.REFRESH_TOKEN)),
                credential.tokenType(),
                credential.scopes(),
                credential.expiresAt(),
                credential.expiryAssumed(),
                issuedAt,
                RefreshPolicy.nextRefreshAt(key, credential.expiresAt(), issuedAt, timers),
                credential.metadata(),
                vars,
                null);
    }

    /**
     * Seals the response to a refresh. A response without an access token keeps the stored one and its expiry, because its
     * new refresh token must still be stored.
     */
    public SealedGrant seal(RefreshLease lease, TokenResponse response, Instant sentAt, RefreshTimers timers) {
        StoredCredential before = lease.credential();
        boolean renewed = response.accessToken() != null;
        Instant expiresAt = renewed ? response.expiresAt() : before.expiresAt();
        Instant next = renewed
                ? RefreshPolicy.nextRefreshAt(before.key(), expiresAt, sentAt, timers)
                : sentAt.plus(RefreshPolicy.backoff(0));
        return new SealedGrant(
                renewed
                        ? sealResponse(
                                before, StoredCredential.ACCESS_TOKEN, Objects.requireNonNull(response.accessToken()))
                        : Objects.requireNonNull(before.accessToken()),
                response.refreshToken() == null
                        ? null
                        : sealResponse(before, StoredCredential.REFRESH_TOKEN, response.refreshToken()),
                response.tokenType(),
                response.scopes(),
                expiresAt,
                renewed ? response.expiryAssumed() : before.expiryAssumed(),
                renewed ? sentAt : before.issuedAt(),
                next,
                merged(before.metadata(), response.metadata()),
                before.clientVars(),
                renewed ? timers.quarantineFor(expiresAt == null ? null : Duration.between(sentAt, expiresAt)) : null);
    }

    /** Decrypts the access token of {@code credential}. */
    public Secret accessToken(StoredCredential credential) {
        return sealer.unseal(
                Objects.requireNonNull(credential.accessToken()), place(credential, StoredCredential.ACCESS_TOKEN));
    }

    /** Decrypts the whole grant. */
    public OAuthCredential open(StoredCredential credential) {
        SealedSecret refresh = credential.refreshToken();
        return new OAuthCredential(
                accessToken(credential),
                refresh == null ? null : sealer.unseal(refresh, place(credential, StoredCredential.REFRESH_TOKEN)),
                credential.tokenType(),
                credential.expiresAt(),
                credential.expiryAssumed(),
                credential.scopes(),
                credential.clientId(),
                credential.clientVars(),
                credential.identity(),
                credential.metadata());
    }

    private static SecretPlace place(StoredCredential credential, String field) {
        return StoredCredential.place(credential.key(), credential.clientVars(), field);
    }

    /** Whether this replica can seal a response so that every replica can open it. */
    public boolean canSeal() {
        return sealer.canSeal();
    }

    private SealedSecret sealResponse(StoredCredential before, String field, Secret secret) {
        return sealer.sealAnswer(secret, place(before, field));
    }

    private static Map<String, String> merged(Map<String, String> old, Map<String, String> added) {
        Map<String, String> all = new HashMap<>(old);
        all.putAll(added);
        return all;
    }
}
