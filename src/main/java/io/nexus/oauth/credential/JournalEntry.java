package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * A provider's answer that is not known to be in the database yet, as the journal keeps it.
 *
 * @param attempt the refresh attempt that got the answer
 * @param key the credential it belongs to
 * @param epoch the epoch the grant has once the answer is stored
 * @param payload the sealed answer
 */
public record JournalEntry(UUID attempt, CredentialKey key, long epoch, SealedSecret payload) {

    /** Prints no payload. */
    @Override
    public String toString() {
        return "JournalEntry[" + attempt + " of " + key.tenant() + "/" + key.id() + ", epoch " + epoch + "]";
    }
}
