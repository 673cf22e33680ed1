package io.nexus.oauth.audit;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainedEvent;
import io.nexus.oauth.store.audit.ChainStore;
import io.nexus.oauth.store.audit.ChainStore.Mark;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Seals audit records after they were written, in the order of their ids. An id is taken before its record is
 * committed, so a record waits until every transaction of its time has ended. A lower id that appears later was not
 * written by this service. All replicas may seal; if two append to the same head, one of them adds nothing. The class
 * also checks that the head last seen by this process still exists.
 */
@ApplicationScoped
class ChainSealer {

    private static final Logger LOG = Logger.getLogger(ChainSealer.class);
    private static final int BATCH = 500;

    /**
     * Longer than the statement timeout: a statement that took its id before the mark, but no transaction id yet, has
     * ended.
     */
    private static final Duration SEALING_DELAY = Duration.ofSeconds(6);

    private static final Duration ANCHOR_LOG_INTERVAL = Duration.ofMinutes(1);

    private final ChainStore chain;
    private final ChainMac macs;
    private final Event<AuditSignal> signals;
    private final Duration sealingDelay;

    private volatile ChainEntry lastSeen = ChainEntry.GENESIS;
    private volatile boolean broken;
    private volatile @Nullable Pending pending;
    private volatile long anchorLoggedAt = System.nanoTime() - ANCHOR_LOG_INTERVAL.toNanos();
    private volatile long loggedSeq;

    @Inject
    ChainSealer(ChainStore chain, ChainMac macs, Event<AuditSignal> signals) {
        this(chain, macs, signals, SEALING_DELAY);
    }

    ChainSealer(ChainStore chain, ChainMac macs, Event<AuditSignal> signals, Duration sealingDelay) {
        this.chain = chain;
        this.macs = macs;
        this.signals = signals;
        this.sealingDelay = sealingDelay;
    }

    /** The last entry that this process saw before any fault. */
    ChainEntry lastSeen() {
        return lastSeen;
    }

    /** Seals the records up to the last mark, once the transactions from before it have ended. Does not block. */
    Uni<Void> tick() {
        return chain.state(lastSeen.seq()).chain(state -> {
            checkHead(state);
            ChainEntry head = state.head();
            signals.fire(new AuditSignal.Chain(head.seq(), Math.max(0, state.last() - head.eventId())));
            Pending present = pending;
            if (state.last() <= head.eventId()) {
                pending = null;
                return Uni.createFrom().voidItem();
            }
            if (present == null || present.mark().last() <= head.eventId()) {
                return mark();
            }
            if (System.nanoTime() - present.since() < sealingDelay.toNanos()) {
                return Uni.createFrom().voidItem();
            }
            return chain.haveTransactionsEnded(present.mark())
                    .chain(ended -> ended
                            ? seal(head, present.mark()).chain(this::mark)
                            : Uni.createFrom().voidItem());
        });
    }

    private Uni<Void> mark() {
        return chain.mark()
                .invoke(mark -> pending = new Pending(mark, System.nanoTime()))
                .replaceWithVoid();
    }

    private Uni<Void> seal(ChainEntry head, Mark mark) {
        return chain.unsealed(head.eventId(), mark.last(), BATCH).chain(lines -> {
            List<ChainEntry> entries = entries(head, lines);
            if (entries.isEmpty()) {
                return Uni.createFrom().voidItem();
            }
            return chain.append(head.seq(), entries).chain(added -> {
                if (!added) { // another replica has appended meanwhile
                    return Uni.createFrom().voidItem();
                }
                ChainEntry last = entries.getLast();
                remember(last);
                return lines.size() < BATCH ? Uni.createFrom().voidItem() : seal(last, mark);
            });
        });
    }

    private List<ChainEntry> entries(ChainEntry head, List<ChainedEvent> lines) {
        List<ChainEntry> entries = new ArrayList<>(lines.size());
        ChainEntry last = head;
        for (ChainedEvent line : lines) {
            last = macs.next(last, line);
            entries.add(last);
        }
        return entries;
    }

    /**
     * Remembers the head, and logs it as an anchor: an attacker with write access to the database cannot change the
     * log.
     */
    private void remember(ChainEntry head) {
        if (broken) {
            return;
        }
        lastSeen = head;
        long now = System.nanoTime();
        if (head.seq() != loggedSeq && now - anchorLoggedAt >= ANCHOR_LOG_INTERVAL.toNanos()) {
            loggedSeq = head.seq();
            anchorLoggedAt = now;
            LOG.infof("the audit trail is sealed up to line %d; anchor %d.%s", head.eventId(), head.seq(), head.mac());
        }
    }

    private void checkHead(ChainStore.State state) {
        ChainEntry before = lastSeen;
        boolean present = before.seq() == 0 || before.mac().equals(state.macAtKnown());
        if (present || isPurged(before, state.start())) {
            remember(state.head());
        } else if (!broken) {
            broken = true;
            LOG.errorf(
                    "the audit trail was tampered with: its entry %d.%s is missing, the last entry is %d",
                    before.seq(), before.mac(), state.head().seq());
            signals.fire(new AuditSignal.Alarm("chain_broken"));
        }
    }

    /** Whether retention deleted the entry: only this service can sign such a checkpoint. */
    private boolean isPurged(ChainEntry entry, @Nullable ChainCheckpoint start) {
        try {
            return start != null && start.seq() >= entry.seq() && macs.matches(start);
        } catch (CryptoException.UnknownKey e) {
            return false;
        }
    }

    private record Pending(Mark mark, long since) {}
}
