package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantSealer;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Decrypts the access token of a stored credential for one caller, and counts its use. Does not block. */
@ApplicationScoped
class AccessTokenOpener {

    private final GrantSealer sealer;
    private final UsageRecorder usage;
    private final GrantEvents events;

    AccessTokenOpener(GrantSealer sealer, UsageRecorder usage, GrantEvents events) {
        this.sealer = sealer;
        this.usage = usage;
        this.events = events;
    }

    /**
     * The token of {@code credential}. Its value is null when the caller already holds this version and there is no warning.
     * Throws {@link ProviderException.Misconfigured} when the token type needs a proof of possession.
     *
     * @param warning the code of a failed refresh, or null
     */
    AccessToken open(StoredCredential credential, TokenQuery query, Freshness freshness, @Nullable String warning) {
        if (AccessToken.needsProof(credential.tokenType())) {
            throw new ProviderException.Misconfigured(
                    credential.account().provider(),
                    "token_type",
                    "its tokens need a proof of possession, which this service does not support");
        }
        usage.count(credential.key(), events.now());
        // a caller that holds the token does not know the warning yet, so it gets the whole answer
        boolean isHeld = warning == null && query.held().has(credential.key().id(), credential.version());
        return new AccessToken(
                credential.key(),
                credential.account(),
                isHeld ? null : sealer.accessToken(credential),
                credential.tokenType(),
                credential.expiresAt(),
                credential.isRefreshable() ? credential.refresh().nextAt() : null,
                credential.scopes(),
                credential.version(),
                freshness,
                warning,
                credential.metadata());
    }
}
