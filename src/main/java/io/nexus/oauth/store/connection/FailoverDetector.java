package io.nexus.oauth.store.connection;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Whether the database is still the one that was written to. A promoted standby begins a new timeline; a restored backup or volume ends
 * earlier than was seen, at least at the moment it was started. Both may lack commits, and with them refresh tokens that are spent.
 */
final class FailoverDetector {

    /** Every replica hears of another copy in less, and has brought back what it remembers. */
    private static final long SETTLING = TimeUnit.SECONDS.toNanos(15);

    private static final Logger LOG = Logger.getLogger(FailoverDetector.class);
    private static final long UNKNOWN = -1;

    private final LongSupplier nanos;
    private volatile long timeline = UNKNOWN;
    private volatile long startedAt = UNKNOWN;
    private volatile long position = UNKNOWN;
    private volatile long changedAt;

    FailoverDetector(LongSupplier nanos) {
        this.nanos = nanos;
        this.changedAt = nanos.getAsLong() - SETTLING;
    }

    /**
     * Where the database's log is. All but the position may be unknown, and is negative then.
     *
     * @param position where the log that is on the disk ends, in bytes
     * @param startedAt when the server started, by its own clock
     * @param checkpoint where the last checkpoint was: in a server that has just started, where its recovery ended
     */
    record Sighting(long timeline, long position, long startedAt, long checkpoint) {}

    /** How far the log was seen to go. */
    long position() {
        return position;
    }

    /** Somebody says that a commit reached {@code seen}. Learnt on the way, so that little is missing when the server ends. */
    void reached(long seen) {
        position = Math.max(position, seen);
    }

    /**
     * Takes note of {@code now}.
     *
     * @param before {@link #position()} from before {@code now} was asked for: what was heard meanwhile may be later
     */
    void located(Sighting now, long before) {
        if (isAnother(now, before)) {
            changedAt = nanos.getAsLong();
            LOG.warn(
                    "the database is another copy than before: what it holds may be spent, so no rotating provider is asked"
                            + " until every replica has brought back what it remembers");
        }
        if (now.position() < before) {
            position = now.position();
        }
        timeline = now.timeline();
        startedAt = now.startedAt();
        reached(now.position());
    }

    /** The log of a server that goes on only grows: who notified a later position of it lied, and anybody in the database may notify. */
    private boolean isAnother(Sighting now, long before) {
        if (timeline != UNKNOWN && now.timeline() != timeline) {
            return true;
        }
        if (startedAt != UNKNOWN && now.startedAt() == startedAt) {
            return false;
        }
        boolean recoveredLess = startedAt != UNKNOWN && now.checkpoint() != UNKNOWN && now.checkpoint() < before;
        return recoveredLess || now.position() < before;
    }

    /** Whether every replica had the time to bring back what another copy may lack. */
    boolean isSettled() {
        return nanos.getAsLong() - changedAt >= SETTLING;
    }
}
