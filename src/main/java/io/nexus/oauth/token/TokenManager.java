package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.NewCredential;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.store.CredentialQueries;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantSealer;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stores credentials and gives callers valid access tokens: the centre of the service.
 *
 * <p>No method blocks, and none does anything before subscription. Methods that change data run to their end even if the
 * subscriber cancels. Failures: {@link CredentialException} (not found, revoked, the user has to connect again), {@link
 * io.nexus.oauth.provider.reply.ProviderException} (no valid token is left and the provider is unavailable), {@link
 * io.nexus.oauth.crypto.CryptoException} (a stored secret cannot be decrypted), {@link
 * io.nexus.oauth.credential.StorageException} (the database is unavailable).
 */
@ApplicationScoped
public class TokenManager {

    private static final int MAX_STORE_ATTEMPTS = 5;
    private static final int PAGE_SIZE = 100;

    private final CredentialStore credentials;
    private final CredentialQueries queries;
    private final ProviderClients clients;
    private final GrantSealer sealer;
    private final TokenSource tokens;
    private final Revoker revoker;
    private final CancellationShield shield;
    private final GrantEvents events;

    TokenManager(
            CredentialStore credentials,
            CredentialQueries queries,
            ProviderClients clients,
            GrantSealer sealer,
            TokenSource tokens,
            Revoker revoker,
            CancellationShield shield,
            GrantEvents events) {
        this.credentials = credentials;
        this.queries = queries;
        this.clients = clients;
        this.sealer = sealer;
        this.tokens = tokens;
        this.revoker = revoker;
        this.shield = shield;
        this.events = events;
    }

    /**
     * Registers the OAuth client of {@code tenant} at a provider and replaces the previous one. Fails with {@link
     * io.nexus.oauth.provider.reply.ProviderException.UnknownProvider} when the catalogue has no such provider.
     *
     * @param actor the caller, for the audit trail
     */
    public Uni<SealedClient> registerProvider(TenantId tenant, ClientRegistration registration, String actor) {
        clients.get(registration.provider());
        return shield.run(() -> clients.save(tenant, registration, actor));
    }

    /**
     * Stores a grant and returns its credential. An account that is already connected keeps its credential id. A grant
     * without a refresh token keeps the stored refresh token. A new refresh token discards the response of a refresh that is
     * in flight.
     *
     * @param actor the caller, for the audit trail
     * @param acceptOtherAccount whether the grant may replace one of another account at the provider; if not, the call
     *     fails with {@link CredentialException.Conflict}
     */
    public Uni<SavedCredential> storeCredential(
            AccountKey account, OAuthCredential credential, String actor, boolean acceptOtherAccount) {
        return store(account, credential, actor, acceptOtherAccount ? Replaceable.ANY : Replaceable.SAME_ACCOUNT);
    }

    /**
     * Stores a grant for an account that has no credential yet. An import uses this, because a stored grant is newer than an
     * imported one. Fails with {@link CredentialException.AlreadyStored} when the account has a credential in any status,
     * also a revoked one.
     *
     * @param actor the caller, for the audit trail
     */
    public Uni<SavedCredential> storeNewCredential(AccountKey account, OAuthCredential credential, String actor) {
        return store(account, credential, actor, Replaceable.NOTHING);
    }

    /**
     * Stores the answer to the token request of a machine connection. Fails with {@link
     * CredentialException.RevokedMeanwhile} when the credential was revoked after it was read.
     *
     * @param version the version of the credential before the provider was asked; 0 if there was none
     * @param actor the caller, for the audit trail
     */
    public Uni<SavedCredential> storeMachine(
            AccountKey account, OAuthCredential credential, long version, String actor) {
        return store(account, credential, actor, Replaceable.ANY, version);
    }

    private Uni<SavedCredential> store(
            AccountKey account, OAuthCredential credential, String actor, Replaceable replaces) {
        return store(account, credential, actor, replaces, null);
    }

    private Uni<SavedCredential> store(
            AccountKey account,
            OAuthCredential credential,
            String actor,
            Replaceable replaces,
            @Nullable Long version) {
        OAuthProvider provider = clients.get(account.provider());
        Submission submission = new Submission(account, credential, actor, replaces, version, provider);
        return shield.run(() -> sealer.ensureSealable(account.tenant())
                .chain(() -> store(submission, MAX_STORE_ATTEMPTS))
                .invoke(saved -> fireChanged(saved, actor)));
    }

    /** A valid access token for the account, refreshed when needed. */
    public Uni<AccessToken> getValidToken(AccountKey account, TokenQuery query) {
        return tokens.of(account, query);
    }

    /** A valid access token of the credential, refreshed when needed. */
    public Uni<AccessToken> getValidToken(CredentialKey key, TokenQuery query) {
        return tokens.of(key, query);
    }

    /**
     * Refreshes the credential now, whatever its expiry, and returns the new token. If the refresh fails while the present
     * token is valid, returns that token with a warning. Fails with {@link CredentialException.TooManyRefreshes} when the
     * last refresh was too recent.
     */
    public Uni<AccessToken> refreshCredential(CredentialKey key, TokenQuery query) {
        return tokens.forced(key, query);
    }

    /**
     * Handles a caller's report that the provider's API refused the token of {@code version}. Returns the stored token when
     * it is newer, else refreshes. Each version is refreshed once, however many callers report it. Fails with {@link
     * CredentialException.UnknownVersion} when no such version exists.
     */
    public Uni<AccessToken> reportRejected(CredentialKey key, long version, TokenQuery query) {
        return tokens.rejected(key, version, query);
    }

    /** The decrypted grant, expired or not; empty when there is none or it was revoked. Never refreshes. */
    public Uni<Optional<OAuthCredential>> getCredential(AccountKey account) {
        return credentials
                .find(account)
                .map(found -> found.filter(credential -> credential.status() != CredentialStatus.REVOKED))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : sealer.ensureOpenable(found.get()).map(sealer::open).map(Optional::of));
    }

    /** The decrypted grant of a credential from {@link #allCredentials}, which must not be revoked. Does not block. */
    public OAuthCredential open(StoredCredential credential) {
        return sealer.open(credential);
    }

    /** The tenant's credentials in pages of 100. The service reads a page when the subscriber requests it. */
    public Multi<List<StoredCredential>> allCredentials(TenantId tenant, CredentialFilter filter) {
        return Multi.createFrom().deferred(() -> {
            AtomicReference<CredentialFilter> rest = new AtomicReference<>(filter);
            return Multi.createBy()
                    .repeating()
                    .uni(() -> queries.page(tenant, Objects.requireNonNull(rest.get()), PAGE_SIZE)
                            .call(this::ensureOpenable)
                            .invoke(found -> found.forEach(last -> rest.set(filter.after(last)))))
                    .whilst(found -> found.size() == PAGE_SIZE);
        });
    }

    private Uni<StoredCredential> ensureOpenable(List<StoredCredential> page) {
        return Multi.createFrom()
                .iterable(page)
                .onItem()
                .transformToUniAndConcatenate(sealer::ensureOpenable)
                .collect()
                .last();
    }

    /** The stored credential, in any status. */
    public Uni<Optional<StoredCredential>> findCredential(CredentialKey key) {
        return credentials.find(key);
    }

    /** The account's stored credential, in any status. */
    public Uni<Optional<StoredCredential>> findCredential(AccountKey account) {
        return credentials.find(account);
    }

    /**
     * Revokes the credential. The service revokes it locally first, so that no caller gets its token again. Then it revokes
     * the grant at the provider and retries until the provider's answer is definite. Completes after the first attempt at the
     * provider. Revoking twice changes nothing. Fails with {@link CredentialException.NotFound} when there is no such
     * credential.
     */
    public Uni<Revocation> revokeCredential(CredentialKey key, String actor) {
        return shield.run(() -> revoker.revoke(key, actor));
    }

    /** The next {@code limit} credentials of the tenant. */
    public Uni<List<StoredCredential>> listCredentials(TenantId tenant, CredentialFilter filter, int limit) {
        return queries.page(tenant, filter, limit);
    }

    private Uni<SavedCredential> store(Submission submission, int tries) {
        return credentials
                .find(submission.account())
                .map(present -> key(submission, present))
                .chain(key -> credentials.save(sealed(submission, key), submission.version()))
                .chain(saved -> {
                    if (saved.isPresent()) {
                        return Uni.createFrom().item(saved.get());
                    }
                    // another request stored the account's first credential between our read and our write
                    return tries > 1
                            ? store(submission, tries - 1)
                            : Uni.createFrom()
                                    .failure(new CredentialException.Conflict(
                                            "other requests are changing this credential; try again"));
                });
    }

    /** {@link Replaceable#NOTHING} always yields a new id, so that a credential stored meanwhile is not replaced either. */
    private static CredentialKey key(Submission submission, Optional<StoredCredential> present) {
        if (present.isPresent() && submission.replaces() == Replaceable.NOTHING) {
            throw new CredentialException.AlreadyStored();
        }
        return present.map(StoredCredential::key)
                .orElseGet(() -> new CredentialKey(submission.account().tenant(), UUID.randomUUID()));
    }

    private NewCredential sealed(Submission submission, CredentialKey key) {
        Instant now = events.now();
        OAuthCredential credential = submission.credential();
        var timers = submission.provider().timers(credential.request());
        return new NewCredential(
                key.id(),
                submission.account(),
                sealer.seal(key, credential, now, timers),
                credential.clientId(),
                credential.identity(),
                timers.quarantine(), // the remaining life of an imported token does not show its whole lifetime
                submission.actor(),
                submission.replaces() == Replaceable.ANY,
                submission.provider().revocationEndsGrant(),
                credential.request());
    }

    private void fireChanged(SavedCredential saved, String actor) {
        StoredCredential credential = saved.credential();
        events.changed(
                saved.created()
                        ? new CredentialEvent.Created(credential.key(), credential.account(), actor)
                        : new CredentialEvent.Updated(credential.key(), credential.account(), actor));
    }

    private record Submission(
            AccountKey account,
            OAuthCredential credential,
            String actor,
            Replaceable replaces,
            @Nullable Long version,
            OAuthProvider provider) {}

    /** The stored grants that a new one may replace. */
    private enum Replaceable {
        NOTHING,
        SAME_ACCOUNT,
        ANY
    }
}
