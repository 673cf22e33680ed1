package io.nexus.oauth.store;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Whether the database is still the one that was written to. A promoted standby begins a new timeline; a restored backup or volume ends
 * earlier than was seen, at least at the moment it was started. Both may lack commits, and with them refresh tokens that are spent.
 */
final class CopyWatch {

    /** Every replica hears of another copy in less, and has brought back what it remembers. */
    private static final long SETTLING = TimeUnit.SECONDS.toNanos(15);

    private static final Logger LOG = Logger.getLogger(CopyWatch.class);
    private static final long UNKNOWN = -1;

    private final LongSupplier nanos;
    private volatile long timeline = UNKNOWN;
    private volatile long startedAt = UNKNOWN;
    private volatile long position = UNKNOWN;
    private volatile long changedAt;

    CopyWatch(LongSupplier nanos) {
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
        boolean restarted = startedAt != UNKNOWN && now.startedAt() != startedAt;
        boolean another = timeline != UNKNOWN && now.timeline() != timeline;
        boolean recoveredLess = restarted && now.checkpoint() != UNKNOWN && now.checkpoint() < before;
        boolean lied = startedAt != UNKNOWN && !restarted && !another && now.position() < before;
        if (lied) { // anybody in the database may notify, and the log of a running server only grows
            position = now.position();
        } else if (another || recoveredLess || now.position() < before) {
            changedAt = nanos.getAsLong();
            LOG.warn(
                    "the database is another copy than before: what it holds may be spent, so no rotating provider is asked"
                            + " until every replica has brought back what it remembers");
            position = now.position();
        }
        timeline = now.timeline();
        startedAt = now.startedAt();
        reached(now.position());
    }

    /** Whether every replica had the time to bring back what another copy may lack. */
    boolean isSettled() {
        return nanos.getAsLong() - changedAt >= SETTLING;
    }
}
