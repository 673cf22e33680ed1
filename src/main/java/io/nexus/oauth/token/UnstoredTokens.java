package io.nexus.oauth.token;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Revokes tokens at the provider that the service got and does not store, so that no token works that nobody can find. */
@ApplicationScoped
public class UnstoredTokens {

    private static final Logger LOG = Logger.getLogger(UnstoredTokens.class);

    /**
     * Revokes the tokens of {@code credential} once, and logs the result. Non-blocking. Never fails.
     *
     * @param origin the request that got them, for the log
     * @param replaces whether an earlier grant of the account may be stored: where a revocation ends all tokens of an account, the new
     *     tokens then stay
     */
    public Uni<Void> revoke(
            OAuthProvider provider,
            ClientRegistration client,
            OAuthCredential credential,
            String origin,
            boolean replaces) {
        if (replaces && provider.revocationEndsGrant()) {
            LOG.warnf(
                    "%s at provider %s: the new tokens are not stored. They stay valid at the provider, because their"
                            + " revocation would end an earlier grant of the account",
                    origin, provider.id());
            return Uni.createFrom().voidItem();
        }
        return provider.revokeToken(client, credential)
                .onFailure()
                .recoverWithItem(RevocationReply.UNKNOWN)
                .invoke(reply -> LOG.logf(
                        reply == RevocationReply.REVOKED ? Logger.Level.INFO : Logger.Level.WARN,
                        "%s at provider %s: the new tokens are not stored. Their revocation at the provider: %s",
                        origin,
                        provider.id(),
                        reply))
                .replaceWithVoid();
    }
}
