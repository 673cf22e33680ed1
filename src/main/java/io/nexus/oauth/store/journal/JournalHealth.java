package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Whether the journal can take more. The journal's thread writes it, every thread may read {@link #reason}. */
final class JournalHealth {

    /** The share of the journal that unsettled entries may fill. */
    static final double CROWDED = 0.8;

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final int MOST_WAITING = 500;
    private static final long LONGEST_WRITE = TimeUnit.SECONDS.toNanos(5);

    private final JournalWriter.Settings settings;
    private final JournalIndex index;
    private @Nullable String logged;
    private volatile @Nullable String broken = "the journal is not open yet";
    private volatile long workingSince;

    JournalHealth(JournalWriter.Settings settings, JournalIndex index) {
        this.settings = settings;
        this.index = index;
    }

    /** Why no new work should begin while {@code waiting} appends are queued; null when it may. */
    @Nullable String reason(int waiting) {
        String why = broken;
        if (why != null) {
            return why;
        }
        if (index.unsettledBytes() > CROWDED * settings.size()) {
            return "answers that are not in the database yet take more than 80 % of " + settings.directory()
                    + " (nexus.oauth.journal.size)";
        }
        return waiting > MOST_WAITING || isStuck()
                ? "the disk of " + settings.directory() + " is too slow (nexus.oauth.journal.directory)"
                : null;
    }

    private boolean isStuck() {
        long since = workingSince;
        return since != 0 && System.nanoTime() - since > LONGEST_WRITE;
    }

    /** A write begins. */
    void begins() {
        workingSince = System.nanoTime() | 1;
    }

    /** The write ended, however it ended. */
    void ends() {
        workingSince = 0;
    }

    /** The files are open and in place. */
    void works(int waiting) {
        broken = null;
        log(reason(waiting));
    }

    /** The files cannot be used. */
    void broke(Throwable failure) {
        String why = "cannot write to " + settings.directory() + " (nexus.oauth.journal.directory): " + detail(failure);
        broken = why;
        log(why);
    }

    /** The journal's thread ended. */
    void closed() {
        broken = "the journal is closed";
    }

    /** One fault has one text: without the path, because each new file has another. */
    private static String detail(Throwable failure) {
        String text = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
        String kind = failure.getClass().getSimpleName();
        return failure instanceof IOException && text != null ? kind + ", " + text : kind;
    }

    private void log(@Nullable String reason) {
        if (reason != null && !reason.equals(logged)) {
            LOG.warn(reason);
        } else if (reason == null && logged != null) {
            LOG.infof("the journal in %s can be written again", settings.directory());
        }
        logged = reason;
    }
}
