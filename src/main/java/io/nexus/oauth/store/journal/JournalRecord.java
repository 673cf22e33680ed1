package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import java.util.UUID;

/** One record of the journal: a token response, or the tombstone of one. */
sealed interface JournalRecord {

    /** The refresh attempt of the response. */
    UUID attempt();

    /** When it was first written, in milliseconds since 1970. */
    long writtenAt();

    /**
     * A token response.
     *
     * @param entry the sealed response
     * @param writtenAt see {@link JournalRecord#writtenAt()}
     */
    record Written(JournalEntry entry, long writtenAt) implements JournalRecord {
        @Override
        public UUID attempt() {
            return entry.attempt();
        }
    }

    /**
     * The tombstone: the response of {@code attempt} is in the database, or a newer one is.
     *
     * @param attempt see {@link JournalRecord#attempt()}
     * @param writtenAt see {@link JournalRecord#writtenAt()}
     */
    record Settled(UUID attempt, long writtenAt) implements JournalRecord {}
}
