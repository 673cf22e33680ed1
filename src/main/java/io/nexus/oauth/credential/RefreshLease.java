package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * The right to use a credential's refresh token, until the lease expires. Only its holder sends the token to the provider.
 *
 * @param credential the credential as it was when the lease began
 * @param attempt identifies this attempt in the row, so that its own late commit is recognised
 * @param epoch the fencing number of this lease: a response is stored only over smaller ones
 * @param tokenEpoch the fencing number of the lease that obtained the stored tokens
 * @param unresolved attempts with an unknown result, this one included; above 1 an earlier one may have used the token
 */
public record RefreshLease(StoredCredential credential, UUID attempt, long epoch, long tokenEpoch, int unresolved) {

    /** The fence under which the service stores the response. */
    public RefreshFence fence() {
        return new RefreshFence(key(), attempt, epoch);
    }

    /** The key of the leased credential. */
    public CredentialKey key() {
        return credential.key();
    }
}
