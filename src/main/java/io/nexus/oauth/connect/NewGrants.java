package io.nexus.oauth.connect;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Stores the first tokens of a grant. The code is used by then, so the service retries while the database is unavailable, and revokes
 * the tokens at the provider if it has to give up. Non-blocking.
 */
@ApplicationScoped
class NewGrants {

    /** Longer than a failover takes. The tokens are in memory only. */
    static final Duration LIMIT = Duration.ofMinutes(10);

    private static final Logger LOG = Logger.getLogger(NewGrants.class);
    private static final Duration FIRST_RETRY_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY_DELAY = Duration.ofSeconds(2);

    private final TokenManager tokens;
    private final CancellationShield shield;
    private final Duration limit;

    @Inject
    NewGrants(TokenManager tokens, CancellationShield shield) {
        this(tokens, shield, LIMIT);
    }

    NewGrants(TokenManager tokens, CancellationShield shield, Duration limit) {
        this.tokens = tokens;
        this.shield = shield;
        this.limit = limit;
    }

    /**
     * Stores {@code credential} and returns the id of the stored one. Fails with {@link StorageException} after the limit, or when the
     * process stops; the tokens are then revoked at the provider.
     */
    Uni<UUID> store(
            OAuthProvider provider, ClientRegistration client, ConnectSession session, OAuthCredential credential) {
        return retry(tokens.storeCredential(
                        session.account(), credential, session.createdBy(), session.acceptOtherAccount()))
                .map(saved -> saved.credential().key().id())
                .onFailure(StorageException.class)
                .call(() -> revoke(provider, client, session, credential));
    }

    /**
     * Whether the stored credential has an identity that {@code credential} must match. Fails like {@link #store}, and then revokes
     * the tokens too.
     */
    Uni<Boolean> mustMatchIdentity(
            OAuthProvider provider, ClientRegistration client, ConnectSession session, OAuthCredential credential) {
        return session.acceptOtherAccount()
                ? Uni.createFrom().item(false)
                : retry(tokens.findCredential(session.account()))
                        .map(present -> present.isPresent() && present.get().identity() != null)
                        .onFailure(StorageException.class)
                        .call(() -> revoke(provider, client, session, credential));
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

    private Uni<Void> revoke(
            OAuthProvider provider, ClientRegistration client, ConnectSession session, OAuthCredential credential) {
        if (provider.revocationEndsGrant()) {
            LOG.errorf(
                    "Connect session %s at provider %s: the new tokens cannot be stored. They stay valid at the provider, because"
                            + " their revocation would end an earlier grant of the account",
                    session.id(), provider.id());
            return Uni.createFrom().voidItem();
        }
        return provider.revokeToken(client, credential)
                .onFailure()
                .recoverWithItem(RevocationReply.UNKNOWN)
                .invoke(reply -> LOG.errorf(
                        "Connect session %s at provider %s: the new tokens cannot be stored. Their revocation at the provider: %s",
                        session.id(), provider.id(), reply))
                .replaceWithVoid();
    }
}
