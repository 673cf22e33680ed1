package io.nexus.oauth.audit;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainLink;
import io.nexus.oauth.event.ChainedEvent;
import io.nexus.oauth.store.audit.ChainStore;
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
 * Deletes records older than the retention period, from the start of the chain, and signs a checkpoint where the rest
 * starts. If a part was tampered with, nothing is deleted, because that would destroy the evidence.
 */
@ApplicationScoped
class Retention {

    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final int BATCH = 500;

    private final ChainStore chain;
    private final ChainWalk walk;
    private final ChainMac macs;
    private final Event<AuditSignal> signals;
    private final AuditConfig config;
    private final Clock clock;

    Retention(
            ChainStore chain,
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

    /** Deletes expired records in batches and returns their number. Does not block. */
    Uni<Long> run() {
        return config.retention().isZero()
                ? Uni.createFrom().item(0L)
                : run(clock.instant().minus(config.retention()), 0);
    }

    /** As {@link #run()}, for records before {@code end}; {@code deleted} is the number so far. */
    Uni<Long> run(Instant end, long deleted) {
        return chain.checkpoint()
                .chain(start -> isInvalid(start)
                        ? stop("its checkpoint", deleted)
                        : chain.page(start.map(ChainCheckpoint::seq).orElse(0L), BATCH + 1)
                                .chain(links -> purge(start, expired(links, end), end, deleted)));
    }

    private Uni<Long> purge(Optional<ChainCheckpoint> start, List<ChainLink> expired, Instant end, long deleted) {
        if (expired.isEmpty()) {
            return Uni.createFrom().item(deleted);
        }
        ChainEntry before = start.map(ChainCheckpoint::entry).orElse(ChainEntry.GENESIS);
        return walk.check(before, Long.MIN_VALUE, expired).chain(checked -> {
            if (checked.fault() != null) {
                return stop(
                        "place " + checked.fault().seq() + " ("
                                + checked.fault().kind() + ")",
                        deleted);
            }
            return chain.purge(macs.checkpoint(checked.last()))
                    .chain(() -> expired.size() < BATCH
                            ? Uni.createFrom().item(deleted + expired.size())
                            : run(end, deleted + expired.size()));
        });
    }

    /** The expired entries at the start; never the last entry of the chain, because the next one refers to it. */
    private static List<ChainLink> expired(List<ChainLink> links, Instant end) {
        return links.subList(0, Math.max(0, links.size() - 1)).stream()
                .takeWhile(link -> isBefore(link.event(), end))
                .toList();
    }

    /** A missing line counts as expired, so that the walk checks and reports it. */
    private static boolean isBefore(@Nullable ChainedEvent line, Instant end) {
        return line == null || line.at().isBefore(end);
    }

    private boolean isInvalid(Optional<ChainCheckpoint> start) {
        try {
            return start.isPresent() && !macs.matches(start.get());
        } catch (CryptoException.UnknownKey e) {
            return true;
        }
    }

    private Uni<Long> stop(String where, long deleted) {
        LOG.errorf("the audit trail was tampered with at %s: retention stops and deletes no older records", where);
        signals.fire(new AuditSignal.Alarm("chain_broken"));
        return Uni.createFrom().item(deleted);
    }
}
