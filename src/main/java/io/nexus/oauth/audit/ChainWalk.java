package io.nexus.oauth.audit;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainLink;
import io.nexus.oauth.event.ChainedEvent;
import io.nexus.oauth.store.audit.ChainStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Verifies a part of the audit chain and finds its first fault. */
@ApplicationScoped
class ChainWalk {

    private final ChainStore chain;
    private final ChainMac macs;

    ChainWalk(ChainStore chain, ChainMac macs) {
        this.chain = chain;
        this.macs = macs;
    }

    /**
     * Checks that {@code links} follow {@code before} without a gap, and that no unsealed line with an id above {@code
     * from} was inserted between them.
     */
    Uni<Checked> check(ChainEntry before, long from, List<ChainLink> links) {
        ChainEntry last = before;
        Fault fault = null;
        for (ChainLink link : links) {
            fault = fault(last, link);
            if (fault != null) {
                break;
            }
            last = link.entry();
        }
        Checked checked = new Checked(last, fault);
        // lines whose entries were deleted are unsealed too; the fault is then the deleted entry, not the line
        Long to = fault == null ? Long.valueOf(last.eventId()) : fault.eventId();
        return to == null
                ? Uni.createFrom().item(checked)
                : chain.inserted(from, to)
                        .map(line -> line.map(
                                        id -> new Checked(before, new Fault("inserted", seqBehind(links, id), id)))
                                .orElse(checked));
    }

    /** The sequence number of the first entry behind the line. */
    private static long seqBehind(List<ChainLink> links, long line) {
        return links.stream()
                .map(ChainLink::entry)
                .filter(entry -> entry.eventId() > line)
                .mapToLong(ChainEntry::seq)
                .findFirst()
                .orElse(0);
    }

    private @Nullable Fault fault(ChainEntry before, ChainLink link) {
        ChainEntry entry = link.entry();
        if (entry.seq() != before.seq() + 1) {
            return new Fault("deleted", before.seq() + 1, null);
        }
        if (entry.eventId() <= before.eventId()) {
            return new Fault("reordered", entry.seq(), entry.eventId());
        }
        return Optional.ofNullable(link.event())
                .map(line -> seal(before, entry, line))
                .orElseGet(() -> Optional.of("deleted"))
                .map(kind -> new Fault(kind, entry.seq(), entry.eventId()))
                .orElse(null);
    }

    private Optional<String> seal(ChainEntry before, ChainEntry entry, ChainedEvent line) {
        try {
            return macs.matches(before, entry, line) ? Optional.empty() : Optional.of("changed");
        } catch (CryptoException.UnknownKey e) {
            return Optional.of("unknown_key");
        }
    }

    /**
     * A fault in the chain.
     *
     * @param kind {@code changed}, {@code deleted}, {@code inserted}, {@code reordered}, {@code truncated}, {@code
     *     replaced}, {@code checkpoint} or {@code unknown_key}
     * @param seq the sequence number in the chain
     * @param eventId the id of the line, or null when there is none
     */
    record Fault(String kind, long seq, @Nullable Long eventId) {}

    /**
     * The result of a check.
     *
     * @param last the last valid entry
     * @param fault the fault behind it, or null
     */
    record Checked(ChainEntry last, @Nullable Fault fault) {}
}
