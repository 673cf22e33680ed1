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
import org.jspecify.annotations.Nullable;

/** Seals tokens before they are stored and opens them again. Each secret is sealed for its place in the database. */
@ApplicationScoped
public class GrantSealer {

    /** An end that is written as the rest of a lifetime moves by some seconds. */
    private static final Duration SAME_END = Duration.ofMinutes(1);

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
                RefreshPolicy.nextRefreshAt(
                        key, credential.expiresAt(), credential.refreshExpiresAt(), issuedAt, timers),
                credential.metadata(),
                vars,
                null,
                credential.refreshExpiresAt(),
                null);
    }

    /**
     * Seals the response to a refresh. A response without an access token keeps the stored one and its expiry, because its
     * new refresh token must still be stored. It counts as a failed refresh, so that the next one backs off.
     */
    public SealedGrant seal(RefreshLease lease, TokenResponse response, Instant sentAt, RefreshTimers timers) {
        StoredCredential before = lease.credential();
        boolean renewed = response.accessToken() != null;
        Instant expiresAt = renewed ? response.expiresAt() : before.expiresAt();
        Instant end = refreshEnd(before, response, sentAt);
        Instant next = renewed
                ? RefreshPolicy.nextRefreshAt(before.key(), expiresAt, later(end, before), sentAt, timers)
                : sentAt.plus(RefreshPolicy.backoff(before.refresh().failures()));
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
                renewed ? timers.quarantineFor(expiresAt == null ? null : Duration.between(sentAt, expiresAt)) : null,
                end,
                renewed ? null : TokenResponse.NO_ACCESS_TOKEN);
    }

    /** The end that the response names; otherwise the known one, unless it is over. */
    private static @Nullable Instant refreshEnd(StoredCredential before, TokenResponse response, Instant sentAt) {
        Instant known = before.refresh().tokenExpiresAt();
        return response.refreshExpiresAt() == null && known != null && known.isAfter(sentAt)
                ? known
                : response.refreshExpiresAt();
    }

    /** {@code end}, if this refresh moved it: a refresh ahead of an end that stays would be repeated ever faster. */
    private static @Nullable Instant later(@Nullable Instant end, StoredCredential before) {
        Instant known = before.refresh().tokenExpiresAt();
        return end != null && (known == null || Duration.between(known, end).compareTo(SAME_END) > 0) ? end : null;
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
                credential.metadata(),
                credential.refresh().tokenExpiresAt(),
                credential.request());
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
