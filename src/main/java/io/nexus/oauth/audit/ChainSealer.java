package io.nexus.oauth.audit;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.AuditContent;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.store.audit.AuditChain;
import io.nexus.oauth.store.audit.AuditChain.Mark;
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
 * Seals the lines of the trail behind those who write them, in the order of their numbers. A number is taken before its line is
 * committed, so a line waits until every transaction from its time is over: what comes with a lower number afterwards was not written by
 * this service. All replicas may do this; of two that append to the same head one adds nothing. Also watches that the head, as this
 * process knows it, is still there.
 */
@ApplicationScoped
class ChainSealer {

    private static final Logger LOG = Logger.getLogger(ChainSealer.class);
    private static final int BATCH = 500;

    /** Longer than the server lets a statement run: one that took its number before the mark, but no transaction id yet, is over. */
    private static final Duration SETTLING = Duration.ofSeconds(6);

    private static final Duration TELLING = Duration.ofMinutes(1);

    private final AuditChain chain;
    private final ChainMac macs;
    private final Event<AuditSignal> signals;
    private final Duration settling;

    private volatile ChainEntry known = ChainEntry.GENESIS;
    private volatile boolean broken;
    private volatile @Nullable Pending pending;
    private volatile long toldAt = System.nanoTime() - TELLING.toNanos();
    private volatile long told;

    @Inject
    ChainSealer(AuditChain chain, ChainMac macs, Event<AuditSignal> signals) {
        this(chain, macs, signals, SETTLING);
    }

    ChainSealer(AuditChain chain, ChainMac macs, Event<AuditSignal> signals, Duration settling) {
        this.chain = chain;
        this.macs = macs;
        this.signals = signals;
        this.settling = settling;
    }

    /** The last entry that this process saw while all was well. */
    ChainEntry known() {
        return known;
    }

    /** Seals what has settled since the last time. */
    Uni<Void> tick() {
        return chain.state(known.seq()).chain(state -> {
            watch(state);
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
            if (System.nanoTime() - present.since() < settling.toNanos()) {
                return Uni.createFrom().voidItem();
            }
            return chain.isSettled(present.mark())
                    .chain(settled -> settled
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
                if (!added) { // another replica is at it
                    return Uni.createFrom().voidItem();
                }
                ChainEntry last = entries.getLast();
                remember(last);
                return lines.size() < BATCH ? Uni.createFrom().voidItem() : seal(last, mark);
            });
        });
    }

    private List<ChainEntry> entries(ChainEntry head, List<AuditContent> lines) {
        List<ChainEntry> entries = new ArrayList<>(lines.size());
        ChainEntry last = head;
        for (AuditContent line : lines) {
            last = macs.next(last, line);
            entries.add(last);
        }
        return entries;
    }

    /** The log is where the database's owner cannot reach. */
    private void remember(ChainEntry head) {
        if (broken) {
            return;
        }
        known = head;
        long now = System.nanoTime();
        if (head.seq() != told && now - toldAt >= TELLING.toNanos()) {
            told = head.seq();
            toldAt = now;
            LOG.infof("the audit trail is sealed up to line %d; anchor %d.%s", head.eventId(), head.seq(), head.mac());
        }
    }

    private void watch(AuditChain.State state) {
        ChainEntry before = known;
        boolean there = before.seq() == 0 || before.mac().equals(state.macAtKnown());
        if (there || isPurged(before, state.start())) {
            remember(state.head());
        } else if (!broken) {
            broken = true;
            LOG.errorf(
                    "the audit trail was changed: its entry %d.%s is not there any more, the last is %d",
                    before.seq(), before.mac(), state.head().seq());
            signals.fire(new AuditSignal.Alarm("chain_broken"));
        }
    }

    /** Only this service can sign that it deleted the entry. */
    private boolean isPurged(ChainEntry entry, @Nullable ChainCheckpoint start) {
        try {
            return start != null && start.seq() >= entry.seq() && macs.fits(start);
        } catch (CryptoException.UnknownKey e) {
            return false;
        }
    }

    private record Pending(Mark mark, long since) {}
}
