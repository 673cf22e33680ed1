package io.nexus.oauth.store.connection;

import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Detects that the database is another copy than before. A promoted standby starts a new timeline; a restored backup or
 * volume ends earlier than the position seen before, at least when it starts. Both may lack commits, so their refresh
 * tokens may be spent.
 */
final class FailoverDetector {

    /** Long enough for every replica to detect the other copy. */
    private static final long SETTLE_NANOS = ReplayAgreement.MIN_WAIT.toNanos();

    private static final Logger LOG = Logger.getLogger(FailoverDetector.class);
    private static final long UNKNOWN = -1;

    private final LongSupplier nanos;
    private volatile long timeline = UNKNOWN;
    private volatile long startedAt = UNKNOWN;
    private volatile long position = UNKNOWN;
    private volatile long changedAt;

    FailoverDetector(LongSupplier nanos) {
        this.nanos = nanos;
        this.changedAt = nanos.getAsLong() - SETTLE_NANOS;
    }

    /**
     * The position of the database's log. All values but the position may be unknown, and are negative then.
     *
     * @param position the end of the log on the disk, in bytes
     * @param startedAt when the server started, by its own clock, in microseconds since 1970
     * @param checkpoint the position of the last checkpoint; in a server that just started, the end of its recovery
     */
    record Sighting(long timeline, long position, long startedAt, long checkpoint) {}

    /** The highest known position of the log. */
    long position() {
        return position;
    }

    /**
     * Records that a commit reached {@code seen}. Notifications carry it, so that the position is recent when the
     * server ends.
     */
    void advance(long seen) {
        position = Math.max(position, seen);
    }

    /**
     * Records {@code now}. Returns whether it is of another copy.
     *
     * @param before {@link #position()} from before the query for {@code now}; notifications since then may be later
     */
    boolean observe(Sighting now, long before) {
        boolean other = isOtherCopy(now, before);
        if (other) {
            changedAt = nanos.getAsLong();
            LOG.warn("The database is another copy than before (failover or restore) and may hold spent refresh tokens."
                    + " Refreshes at rotating providers pause until every live replica has replayed its journal.");
        }
        if (now.position() < before) {
            position = now.position();
        }
        timeline = now.timeline();
        startedAt = now.startedAt();
        advance(now.position());
        return other;
    }

    /**
     * The log of a running server only grows. A notification with a later position was wrong; any database user can
     * send one.
     */
    private boolean isOtherCopy(Sighting now, long before) {
        if (timeline != UNKNOWN && now.timeline() != timeline) {
            return true;
        }
        if (startedAt != UNKNOWN && now.startedAt() == startedAt) {
            return false;
        }
        boolean recoveredLess = startedAt != UNKNOWN && now.checkpoint() != UNKNOWN && now.checkpoint() < before;
        return recoveredLess || now.position() < before;
    }

    /** Whether every replica had the time to detect another copy that this one detected. */
    boolean isSettled() {
        return nanos.getAsLong() - changedAt >= SETTLE_NANOS;
    }
}
