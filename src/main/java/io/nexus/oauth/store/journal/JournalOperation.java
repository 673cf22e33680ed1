package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.StorageException;
import java.io.IOException;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** An operation in the queue of the journal's thread. */
sealed interface JournalOperation {

    /** Writes the records of this operation; blocks. Throws when the files cannot be used. For the journal's thread only. */
    void applyTo(JournalBatch batch, long now) throws IOException;

    /** Ends an operation that {@link #applyTo} did not complete, with the reason. */
    default void fail(Throwable failure) {}

    /** Writes a tombstone. If the entry is not {@code known}, its append may still be queued or was never requested. */
    record Settle(UUID attempt, boolean known) implements JournalOperation {

        private static final Logger LOG = Logger.getLogger(SpillJournal.class);

        @Override
        public void applyTo(JournalBatch batch, long now) throws IOException {
            try {
                if (known || batch.contains(attempt)) {
                    batch.settle(new JournalRecord.Settled(attempt, now));
                }
            } catch (JournalRing.FullException e) {
                LOG.debug("no room for a tombstone; its entry will be replayed once more after a restart");
            }
        }
    }

    /** The last operation: the thread ends after its batch. */
    record Stop() implements JournalOperation {

        @Override
        public void applyTo(JournalBatch batch, long now) {}
    }

    /** Appends an entry. For the journal's thread only. */
    final class Append implements JournalOperation {

        private static final Logger LOG = Logger.getLogger(SpillJournal.class);

        private final JournalEntry entry;
        private final Runnable dequeued;
        private final Consumer<@Nullable Throwable> done;
        private boolean finished;

        /**
         * An append.
         *
         * @param dequeued runs once, immediately before {@code done}
         * @param done receives null once the record is on the disk, or the failure; called once
         */
        Append(JournalEntry entry, Runnable dequeued, Consumer<@Nullable Throwable> done) {
            this.entry = entry;
            this.dequeued = dequeued;
            this.done = done;
        }

        @Override
        public void applyTo(JournalBatch batch, long now) throws IOException {
            try {
                batch.add(new JournalRecord.Written(entry, now), () -> finish(null));
            } catch (JournalRing.FullException | IllegalArgumentException e) {
                finish(e);
            }
        }

        @Override
        public void fail(Throwable failure) {
            finish(failure);
        }

        /** Only the first call has an effect. A failing listener does not stop the journal. */
        private void finish(@Nullable Throwable failure) {
            if (finished) {
                return;
            }
            finished = true;
            dequeued.run();
            try {
                done.accept(failure == null ? null : StorageException.ofJournal(failure));
            } catch (RuntimeException e) {
                LOG.error("the listener of a journal append failed", e);
            }
        }
    }
}
