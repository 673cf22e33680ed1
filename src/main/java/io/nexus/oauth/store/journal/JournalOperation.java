package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.StorageException;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What the journal's thread has to do. */
sealed interface JournalOperation {

    /** A tombstone. When the entry is not {@code known}, its append may still be queued or may never have been. */
    record Settle(UUID attempt, boolean known) implements JournalOperation {}

    /** The last one. */
    record Stop() implements JournalOperation {}

    /** An append. {@code done} is called once, with null when the record is on the disk. For the journal's thread only. */
    final class Append implements JournalOperation {

        private static final Logger LOG = Logger.getLogger(SpillJournal.class);

        private final JournalEntry entry;
        private final Consumer<@Nullable Throwable> done;
        private boolean finished;

        Append(JournalEntry entry, Consumer<@Nullable Throwable> done) {
            this.entry = entry;
            this.done = done;
        }

        JournalEntry entry() {
            return entry;
        }

        /** The first call counts: it runs {@code first} and calls {@code done}. A failure there does not stop the journal. */
        void finish(@Nullable Throwable failure, Runnable first) {
            if (finished) {
                return;
            }
            finished = true;
            first.run();
            try {
                done.accept(failure == null ? null : StorageException.ofJournal(failure));
            } catch (RuntimeException e) {
                LOG.error("nobody could be told what became of an append", e);
            }
        }
    }
}
