package io.nexus.oauth.connect;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.UnstoredTokens;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;

/**
 * Stores the first tokens of a grant. The code is used by then, so the service retries while the database is unavailable. Tokens that
 * are not stored are revoked at the provider. Non-blocking.
 */
@ApplicationScoped
class NewGrants {

    /** Longer than a failover takes. The tokens are in memory only. */
    static final Duration LIMIT = Duration.ofMinutes(10);

    private static final Duration FIRST_RETRY_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY_DELAY = Duration.ofSeconds(2);

    private final TokenManager tokens;
    private final UnstoredTokens unstored;
    private final CancellationShield shield;
    private final Duration limit;

    @Inject
    NewGrants(TokenManager tokens, UnstoredTokens unstored, CancellationShield shield) {
        this(tokens, unstored, shield, LIMIT);
    }

    NewGrants(TokenManager tokens, UnstoredTokens unstored, CancellationShield shield, Duration limit) {
        this.tokens = tokens;
        this.unstored = unstored;
        this.shield = shield;
        this.limit = limit;
    }

    /**
     * Learns whose account {@code credential} belongs to, stores it and returns the id of the stored one. If it is not stored, the
     * tokens are revoked at the provider. Fails with {@link StorageException} after the limit, or when the process stops; with {@link
     * CredentialException.UnexpectedAccount} when the session expects another account; with {@link ProviderException.Unavailable} when there
     * must be an identity to compare and the provider gives none; otherwise as {@link TokenManager#storeCredential} does.
     */
    Uni<UUID> store(
            OAuthProvider provider, ClientRegistration client, ConnectSession session, OAuthCredential credential) {
        return provider.account(client, credential)
                .invoke(account -> account.ifPresent(reported -> mustBeExpected(provider, session, reported)))
                .chain(account -> account.isPresent()
                        ? Uni.createFrom()
                                .item(credential.withIdentity(
                                        account.get().identity(), account.get().metadata()))
                        : mustMatchIdentity(session).map(needed -> {
                            if (needed) {
                                throw unidentified(provider);
                            }
                            return credential;
                        }))
                .chain(known -> retry(tokens.storeCredential(
                        session.account(), known, session.createdBy(), session.acceptOtherAccount())))
                .map(saved -> saved.credential().key().id())
                .onFailure()
                .call(() -> revoke(provider, client, session, credential));
    }

    private static void mustBeExpected(OAuthProvider provider, ConnectSession session, ReportedAccount account) {
        String expected = session.expectedAccount();
        if (expected != null && !account.is(expected)) {
            throw account.canCompare(expected) ? new CredentialException.UnexpectedAccount() : unidentified(provider);
        }
    }

    private static ProviderException unidentified(OAuthProvider provider) {
        return new ProviderException.Unavailable(provider.id(), "identity_unavailable", Duration.ZERO);
    }

    /** Whether the session expects an account, or the stored credential has an identity that a new one must match. */
    private Uni<Boolean> mustMatchIdentity(ConnectSession session) {
        if (session.expectedAccount() != null) {
            return Uni.createFrom().item(true);
        }
        return session.acceptOtherAccount()
                ? Uni.createFrom().item(false)
                : retry(tokens.findCredential(session.account()))
                        .map(present -> present.isPresent() && present.get().identity() != null);
    }

    /** Repeats {@code work} while the database is unavailable: up to the limit, and not while the process stops. */
    <T> Uni<T> retry(Uni<T> work) {
        return work.onFailure(failure -> failure instanceof StorageException && !shield.isStopping())
                .retry()
                .withBackOff(FIRST_RETRY_DELAY, MAX_RETRY_DELAY)
                .expireIn(limit.toMillis())
                .onFailure(IllegalStateException.class) // Mutiny's failure when the retries have expired
                .transform(StorageException::of);
    }

    /** Revokes the tokens of a grant that is not stored, unless that would end another grant of the account. Never fails. */
    Uni<Void> revoke(
            OAuthProvider provider, ClientRegistration client, ConnectSession session, OAuthCredential credential) {
        return unstored.revoke(provider, client, credential, "Connect session " + session.id(), true);
    }
}
