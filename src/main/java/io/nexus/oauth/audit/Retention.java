package io.nexus.oauth.audit;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.AuditContent;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainLink;
import io.nexus.oauth.store.audit.AuditChain;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what is older than the trail is kept, from its start on, and signs where the rest starts. What was tampered with is not
 * deleted: that would be its cover.
 */
@ApplicationScoped
class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final int BATCH = 500;

    private final AuditChain chain;
    private final ChainWalk walk;
    private final ChainMac macs;
    private final Event<AuditSignal> signals;
    private final AuditConfig config;
    private final Clock clock;

    Retention(
            AuditChain chain,
            ChainWalk walk,
            ChainMac macs,
            Event<AuditSignal> signals,
            AuditConfig config,
            Clock clock) {
        this.chain = chain;
        this.walk = walk;
        this.macs = macs;
        this.signals = signals;
        this.config = config;
        this.clock = clock;
    }

    /** Deletes what is too old, in batches; the number of lines. */
    Uni<Long> run() {
        return config.retention().isZero()
                ? Uni.createFrom().item(0L)
                : run(clock.instant().minus(config.retention()), 0);
    }

    /** As {@link #run()}, for what happened before {@code end}. */
    Uni<Long> run(Instant end, long gone) {
        return chain.checkpoint()
                .chain(start -> isForged(start)
                        ? stop("its checkpoint", gone)
                        : chain.page(start.map(ChainCheckpoint::seq).orElse(0L), BATCH + 1)
                                .chain(links -> purge(start, old(links, end), end, gone)));
    }

    private Uni<Long> purge(Optional<ChainCheckpoint> start, List<ChainLink> old, Instant end, long gone) {
        if (old.isEmpty()) {
            return Uni.createFrom().item(gone);
        }
        ChainEntry before = start.map(ChainCheckpoint::entry).orElse(ChainEntry.GENESIS);
        return walk.check(before, Long.MIN_VALUE, old).chain(checked -> {
            if (checked.fault() != null) {
                return stop(
                        "place " + checked.fault().seq() + " ("
                                + checked.fault().kind() + ")",
                        gone);
            }
            return chain.purge(macs.checkpoint(checked.last()))
                    .chain(() -> old.size() < BATCH
                            ? Uni.createFrom().item(gone + old.size())
                            : run(end, gone + old.size()));
        });
    }

    /** The old ones at the start; never the last entry of all, behind which the next is written. */
    private static List<ChainLink> old(List<ChainLink> links, Instant end) {
        return links.subList(0, Math.max(0, links.size() - 1)).stream()
                .takeWhile(link -> isBefore(link.content(), end))
                .toList();
    }

    /** A line that is missing is looked at: the walk tells of it. */
    private static boolean isBefore(@Nullable AuditContent line, Instant end) {
        return line == null || line.at().isBefore(end);
    }

    private boolean isForged(Optional<ChainCheckpoint> start) {
        try {
            return start.isPresent() && !macs.fits(start.get());
        } catch (CryptoException.UnknownKey e) {
            return true;
        }
    }

    private Uni<Long> stop(String where, long gone) {
        LOG.errorf("the audit trail is not as it was written at %s; nothing older is deleted", where);
        signals.fire(new AuditSignal.Alarm("chain_broken"));
        return Uni.createFrom().item(gone);
    }
}
