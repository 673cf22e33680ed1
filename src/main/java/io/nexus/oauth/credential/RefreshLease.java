package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * The right to spend a credential's refresh token once, held until a lease runs out.
 *
 * @param credential the credential as it was when claimed
 * @param attempt names this attempt in the row, so that its own late commit is recognised
 * @param epoch the fencing number of this claim: an answer is stored only over smaller ones
 * @param tokenEpoch the epoch under which the stored tokens were obtained
 * @param unresolved attempts of unknown fate, this one included; above 1 an earlier one may have spent the token
 */
public record RefreshLease(StoredCredential credential, UUID attempt, long epoch, long tokenEpoch, int unresolved) {

    /** What its answer is stored under. */
    public RefreshFence fence() {
        return new RefreshFence(key(), attempt, epoch);
    }

    /** The claimed credential's key. */
    public CredentialKey key() {
        return credential.key();
    }
}
