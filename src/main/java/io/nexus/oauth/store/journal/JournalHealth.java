package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Whether the journal can accept entries. The journal's thread updates it; any thread may call {@link #reason}. */
final class JournalHealth {

    /** The highest share of the journal that unsettled entries may fill. */
    static final double MAX_UNSETTLED_SHARE = 0.8;

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final int MAX_WAITING_APPENDS = 500;
    private static final long STUCK_WRITE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final JournalWriter.Settings settings;
    private final JournalIndex index;
    private @Nullable String logged;
    private volatile @Nullable String broken = "the journal is not open yet";
    private volatile long workingSince;

    JournalHealth(JournalWriter.Settings settings, JournalIndex index) {
        this.settings = settings;
        this.index = index;
    }

    /** Why no new refresh should start while {@code waiting} appends are queued; null when it may. */
    @Nullable String reason(int waiting) {
        String why = broken;
        if (why != null) {
            return why;
        }
        if (index.unsettledBytes() > MAX_UNSETTLED_SHARE * settings.size()) {
            return "token responses that are not in the database yet take more than 80 % of " + settings.directory()
                    + " (nexus.oauth.journal.size)";
        }
        return waiting > MAX_WAITING_APPENDS || isStuck()
                ? "the disk of " + settings.directory() + " is too slow (nexus.oauth.journal.directory)"
                : null;
    }

    private boolean isStuck() {
        long since = workingSince;
        return since != 0 && System.nanoTime() - since > STUCK_WRITE_NANOS;
    }

    /** A write started. */
    void writeStarted() {
        workingSince = System.nanoTime() | 1; // 0 stands for idle
    }

    /** The write ended, with or without success. */
    void writeEnded() {
        workingSince = 0;
    }

    /** The files are open and still in the directory. */
    void opened(int waiting) {
        broken = null;
        log(reason(waiting));
    }

    /** The files cannot be used. */
    void failed(Throwable failure) {
        String why = "cannot write to " + settings.directory() + " (nexus.oauth.journal.directory): " + detail(failure);
        broken = why;
        log(why);
    }

    /** The journal's thread ended. */
    void closed() {
        broken = "the journal is closed";
    }

    /** The text of a failure without the path, so that a repeated failure has the same text for each new file. */
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
