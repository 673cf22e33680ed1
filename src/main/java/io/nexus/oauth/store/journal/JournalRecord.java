package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import java.util.UUID;

/** One record of the journal: an answer, or that an answer needs no more keeping. */
sealed interface JournalRecord {

    /** Which attempt's answer. */
    UUID attempt();

    /** When it was first written, in milliseconds since 1970. */
    long writtenAt();

    /**
     * An answer.
     *
     * @param entry the answer, sealed
     * @param writtenAt see {@link JournalRecord#writtenAt()}
     */
    record Written(JournalEntry entry, long writtenAt) implements JournalRecord {
        @Override
        public UUID attempt() {
            return entry.attempt();
        }
    }

    /**
     * The answer of {@code attempt} is in the database, or was superseded there.
     *
     * @param attempt see {@link JournalRecord#attempt()}
     * @param writtenAt see {@link JournalRecord#writtenAt()}
     */
    record Settled(UUID attempt, long writtenAt) implements JournalRecord {}
}
