package io.nexus.oauth.store.connection;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether every live replica has replayed its journal into the present copy of the database. Until then a refresh
 * token in the database may be spent, and its successor only in a journal. Safe for concurrent use; does not block.
 */
final class ReplayAgreement {

    /** Long enough for replicas whose rows the copy lost to connect and to announce themselves. */
    static final Duration MIN_WAIT = Duration.ofSeconds(15);

    /**
     * How long a silent replica is waited for: lease and quarantine of a provider that rotates. No request of its is open
     * afterwards, and no token ends meanwhile that was refreshed in time.
     */
    static final Duration MAX_WAIT = Duration.ofSeconds(195);

    private static final Logger LOG = Logger.getLogger(ReplayAgreement.class);
    private static final int SHOWN = 5;

    private final LongSupplier nanos;
    private volatile @Nullable Reading reading;
    private volatile ChangeFeed.@Nullable Replay replay;
    private boolean waited;

    /**
     * One look at the database.
     *
     * @param at when it was, and {@code since} when this copy was first seen here, by the monotonic clock
     */
    private record Reading(PresentCopy copy, long at, long since) {}

    ReplayAgreement(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Records what the database says. */
    synchronized void read(PresentCopy copy) {
        long now = nanos.getAsLong();
        Reading last = reading;
        boolean same = last != null && last.copy().id().equals(copy.id());
        List<String> before = last == null || !same ? List.of() : last.copy().awaited();
        reading = new Reading(copy, now, last != null && same ? last.since() : now);
        log(before);
    }

    /** The database does not record copies. */
    void forget() {
        reading = null;
    }

    /** Records that this replica has replayed its journal. */
    void replayed(ChangeFeed.Replay done) {
        replay = done;
    }

    ChangeFeed.@Nullable Replay replay() {
        return replay;
    }

    /** The present copy; null when it is not known. */
    @Nullable UUID copy() {
        Reading last = reading;
        return last == null ? null : last.copy().id();
    }

    /** Whether this replica has to replay its journal into a young copy. */
    boolean wantsReplay() {
        Reading last = reading;
        return last != null && !isOld(last) && !hasReplayed(last);
    }

    /** Whether no replica is waited for. Also true when the database does not record copies. */
    boolean isSettled() {
        Reading last = reading;
        return last == null
                || isOld(last)
                || (age(last) >= MIN_WAIT.toNanos() && last.copy().awaited().isEmpty() && hasReplayed(last));
    }

    /** A sentence about the replicas that are waited for; empty when none is. */
    Optional<String> waiting() {
        Reading last = reading;
        return last == null || isSettled() ? Optional.empty() : Optional.of(sentence(last));
    }

    private String sentence(Reading last) {
        List<String> awaited = last.copy().awaited();
        String who = "these replicas have replayed their journals: "
                + awaited.stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (awaited.size() > SHOWN ? " and " + (awaited.size() - SHOWN) + " more" : "");
        if (awaited.isEmpty()) {
            who = hasReplayed(last)
                    ? "other replicas have had the time to come back"
                    : "this replica has replayed its journal";
        }
        long left = TimeUnit.NANOSECONDS.toSeconds(MAX_WAIT.toNanos() - age(last)) + 1;
        return "The database is another copy than before (failover or restore). Rotating providers are not asked until "
                + who + "; " + left + " s at most";
    }

    private boolean hasReplayed(Reading last) {
        ChangeFeed.Replay done = replay;
        return done != null && done.copy().equals(last.copy().id());
    }

    private boolean isOld(Reading last) {
        return age(last) >= MAX_WAIT.toNanos();
    }

    /** By whichever clock says more, so that a database clock that is set back makes nobody wait for long. */
    private long age(Reading last) {
        long now = nanos.getAsLong();
        return Math.max(last.copy().ageNanos() + now - last.at(), now - last.since());
    }

    private void log(List<String> before) {
        Optional<String> waiting = waiting();
        Reading last = reading;
        if (waiting.isPresent()
                && last != null
                && (!waited || !last.copy().awaited().equals(before))) {
            LOG.warn(waiting.get());
        } else if (waiting.isEmpty() && waited && last != null) {
            LOG.infof(
                    "Refreshes at rotating providers go on. Replicas that have not replayed their journals: %s",
                    last.copy().awaited().isEmpty() ? "none" : last.copy().awaited());
        }
        waited = waiting.isPresent();
    }
}
