package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * A token response in the journal. It may not be in the database yet.
 *
 * @param attempt the refresh attempt that received the response
 * @param key the credential it belongs to
 * @param epoch the epoch of the grant once the response is stored
 * @param payload the sealed response
 */
public record JournalEntry(UUID attempt, CredentialKey key, long epoch, SealedSecret payload) {

    /** Prints no payload. */
    @Override
    public String toString() {
        return "JournalEntry[" + attempt + " of " + key.tenant() + "/" + key.id() + ", epoch " + epoch + "]";
    }
}
