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

/**
 * Keeps credentials and hands out access tokens that work: the middle of the service.
 *
 * <p>Nothing blocks and nothing happens before subscription. What changes something goes on when the subscriber leaves. Failures:
 * {@link CredentialException} (not found, revoked, the user has to connect again), {@link
 * io.nexus.oauth.provider.ProviderException} (no valid token left and the provider cannot be used), {@link
 * io.nexus.oauth.crypto.CryptoException} (the stored secrets do not open), {@link io.nexus.oauth.credential.StorageException} (the
 * database cannot be used).
 */
@ApplicationScoped
public class TokenManager {

    private static final int TRIES_TO_STORE = 5;
    private static final int PART = 100;

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
     * Registers the OAuth client that acts for {@code tenant} at a provider, replacing the one before. Fails with {@link
     * io.nexus.oauth.provider.ProviderException.UnknownProvider} when the catalogue has no such provider.
     *
     * @param actor who registers it, for the audit trail
     */
    public Uni<SealedClient> registerProvider(TenantId tenant, ClientRegistration registration, String actor) {
        clients.get(registration.provider());
        return shield.run(() -> clients.save(tenant, registration, actor));
    }

    /**
     * Stores a grant and returns its credential. An account that is connected already keeps its id; a grant without a refresh
     * token does not erase the stored one. A refresh in flight meanwhile is discarded when the refresh token is replaced.
     *
     * @param actor who stores it, for the audit trail
     * @param acceptOtherAccount whether it may replace the grant of another account at the provider; fails with {@link
     *     CredentialException.Conflict} when it may not and would
     */
    public Uni<SavedCredential> storeCredential(
            AccountKey account, OAuthCredential credential, String actor, boolean acceptOtherAccount) {
        return store(account, credential, actor, acceptOtherAccount ? Replaces.ANY : Replaces.SAME_ACCOUNT);
    }

    /**
     * Stores the grant of an account that has no credential, as an import does: what is here is newer than what comes from elsewhere.
     * Fails with {@link CredentialException.AlreadyStored} when there is one in any status, a revoked one too.
     *
     * @param actor who stores it, for the audit trail
     */
    public Uni<SavedCredential> storeNewCredential(AccountKey account, OAuthCredential credential, String actor) {
        return store(account, credential, actor, Replaces.NOTHING);
    }

    private Uni<SavedCredential> store(
            AccountKey account, OAuthCredential credential, String actor, Replaces replaces) {
        OAuthProvider provider = clients.get(account.provider());
        Submission submission = new Submission(account, credential, actor, replaces, provider);
        return shield.run(() -> sealer.toSeal(account.tenant())
                .chain(() -> store(submission, TRIES_TO_STORE))
                .invoke(saved -> announce(saved, actor)));
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
     * Refreshes the credential now, whatever its expiry, and hands out the result. Falls back to the present token when it works
     * and the refresh fails, with a warning. Fails with {@link CredentialException.TooManyRefreshes} when the last was just now.
     */
    public Uni<AccessToken> refreshCredential(CredentialKey key, TokenQuery query) {
        return tokens.forced(key, query);
    }

    /**
     * Hears that the provider's API refused the token of {@code version}, and hands out one that works: the stored one when it is
     * newer, else the one of a refresh, of which there is one for each version whoever reports it. Fails with {@link
     * CredentialException.UnknownVersion} when there was no such version.
     */
    public Uni<AccessToken> reportRejected(CredentialKey key, long version, TokenQuery query) {
        return tokens.rejected(key, version, query);
    }

    /** The grant in clear text, expired or not; empty when there is none or it was revoked. Never refreshes. */
    public Uni<Optional<OAuthCredential>> getCredential(AccountKey account) {
        return credentials
                .find(account)
                .map(found -> found.filter(credential -> credential.status() != CredentialStatus.REVOKED))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(Optional.empty())
                        : sealer.toOpen(found.get()).map(sealer::open).map(Optional::of));
    }

    /** The grant of a credential from {@link #allCredentials} in clear text; nothing of a revoked one is left. Does not block. */
    public OAuthCredential open(StoredCredential credential) {
        return sealer.open(credential);
    }

    /** The tenant's credentials in parts, as the subscriber takes them. */
    public Multi<List<StoredCredential>> allCredentials(TenantId tenant, CredentialFilter filter) {
        return Multi.createFrom().deferred(() -> {
            AtomicReference<CredentialFilter> rest = new AtomicReference<>(filter);
            return Multi.createBy()
                    .repeating()
                    .uni(() -> queries.page(tenant, Objects.requireNonNull(rest.get()), PART)
                            .call(this::toOpen)
                            .invoke(found -> found.forEach(last -> rest.set(filter.after(last)))))
                    .whilst(found -> found.size() == PART);
        });
    }

    private Uni<StoredCredential> toOpen(List<StoredCredential> part) {
        return Multi.createFrom()
                .iterable(part)
                .onItem()
                .transformToUniAndConcatenate(sealer::toOpen)
                .collect()
                .last();
    }

    /** The credential as it is stored, in any status. */
    public Uni<Optional<StoredCredential>> findCredential(CredentialKey key) {
        return credentials.find(key);
    }

    /** The account's credential as it is stored, in any status. */
    public Uni<Optional<StoredCredential>> findCredential(AccountKey account) {
        return credentials.find(account);
    }

    /**
     * Revokes the credential: here at once, so that nobody gets its token again, and then at the provider, which is tried until
     * its answer is definite. Completes when the provider was tried once. Revoking twice changes nothing. Fails with {@link
     * CredentialException.NotFound} when there is none.
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
                .chain(key -> credentials.save(sealed(submission, key)))
                .chain(saved -> {
                    if (saved.isPresent()) {
                        return Uni.createFrom().item(saved.get());
                    }
                    // somebody stored the account's first credential between our look and our write
                    return tries > 1
                            ? store(submission, tries - 1)
                            : Uni.createFrom()
                                    .failure(new CredentialException.Conflict("the credential keeps changing"));
                });
    }

    /** Who wants to replace nothing always brings a new id, so a credential that was stored meanwhile is not replaced either. */
    private static CredentialKey key(Submission submission, Optional<StoredCredential> present) {
        if (present.isPresent() && submission.replaces() == Replaces.NOTHING) {
            throw new CredentialException.AlreadyStored();
        }
        return present.map(StoredCredential::key)
                .orElseGet(() -> new CredentialKey(submission.account().tenant(), UUID.randomUUID()));
    }

    private NewCredential sealed(Submission submission, CredentialKey key) {
        Instant now = events.now();
        OAuthCredential credential = submission.credential();
        var timers = submission.provider().timers();
        return new NewCredential(
                key.id(),
                submission.account(),
                sealer.seal(key, credential, now, timers),
                credential.clientId(),
                credential.identity(),
                timers.quarantine(), // what is left of an imported token does not tell how long it lives
                submission.actor(),
                submission.replaces() == Replaces.ANY,
                submission.provider().profile().revoke().endsGrant());
    }

    private void announce(SavedCredential saved, String actor) {
        StoredCredential credential = saved.credential();
        events.changed(
                saved.created()
                        ? new CredentialEvent.Created(credential.key(), credential.account(), actor)
                        : new CredentialEvent.Updated(credential.key(), credential.account(), actor));
    }

    private record Submission(
            AccountKey account, OAuthCredential credential, String actor, Replaces replaces, OAuthProvider provider) {}

    /** Which stored grant a new one may replace. */
    private enum Replaces {
        NOTHING,
        SAME_ACCOUNT,
        ANY
    }
}
