package io.nexus.oauth.audit;

import io.nexus.oauth.audit.ChainWalk.Fault;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.store.audit.ChainStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the audit trail: no line was changed, deleted, inserted or moved, and none was cut off its end. Truncation
 * can only be detected with an anchor, which is an entry that was kept outside the database: in this process, in the
 * log, or by the auditor. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class ChainVerifier {

    private static final int PAGE = 500;

    private final ChainStore chain;
    private final ChainWalk walk;
    private final ChainMac macs;
    private final ChainSealer sealer;

    ChainVerifier(ChainStore chain, ChainWalk walk, ChainMac macs, ChainSealer sealer) {
        this.chain = chain;
        this.walk = walk;
        this.macs = macs;
        this.sealer = sealer;
    }

    /**
     * Verifies up to {@code limit} entries after the sequence number {@code after}, or after the start of the chain if
     * that is later. Fails with {@link IllegalArgumentException} when there is no such entry, or when retention deleted
     * the anchor's entry.
     */
    public Uni<Verdict> verify(Optional<Anchor> anchor, long after, int limit) {
        return chain.checkpoint()
                .chain(start ->
                        start.map(this::faultOf).filter(Optional::isPresent).isPresent()
                                ? Uni.createFrom().item(invalidCheckpoint(start.get()))
                                : startEntry(start, after)
                                        .chain(before -> walk(new Step(before, from(before, start)), limit)
                                                .chain(done -> verdict(done, start, anchor))));
    }

    private Optional<Fault> faultOf(ChainCheckpoint start) {
        try {
            return macs.matches(start) ? Optional.empty() : Optional.of(new Fault("checkpoint", start.seq(), null));
        } catch (CryptoException.UnknownKey e) {
            return Optional.of(new Fault("unknown_key", start.seq(), null));
        }
    }

    private Verdict invalidCheckpoint(ChainCheckpoint start) {
        return new Verdict(0, start.seq(), start.chainMac(), faultOf(start).orElse(null), false);
    }

    private Uni<ChainEntry> startEntry(Optional<ChainCheckpoint> start, long after) {
        ChainEntry first = start.map(ChainCheckpoint::entry).orElse(ChainEntry.GENESIS);
        return after <= first.seq()
                ? Uni.createFrom().item(first)
                : chain.entry(after)
                        .map(found -> found.orElseThrow(
                                () -> new IllegalArgumentException("the audit chain has no such entry")));
    }

    /** The lowest line id that is checked: at the start of the chain no line may precede the first one. */
    private static long from(ChainEntry before, Optional<ChainCheckpoint> start) {
        return before.seq() == start.map(ChainCheckpoint::seq).orElse(0L) ? Long.MIN_VALUE : before.eventId();
    }

    private Uni<Step> walk(Step step, int remaining) {
        return remaining == 0
                ? Uni.createFrom().item(step)
                : chain.page(step.last().seq(), Math.min(remaining, PAGE))
                        .chain(links -> links.isEmpty()
                                ? Uni.createFrom().item(step.ended())
                                : walk.check(step.last(), step.from(), links)
                                        .map(step::with)
                                        .chain(next -> next.fault() == null
                                                ? walk(next, remaining - links.size())
                                                : Uni.createFrom().item(next)));
    }

    private Uni<Verdict> verdict(Step done, Optional<ChainCheckpoint> start, Optional<Anchor> anchor) {
        if (done.fault() != null || !done.isEnd()) {
            return Uni.createFrom().item(done.verdict(done.fault()));
        }
        List<Anchor> anchors = Optional.of(sealer.lastSeen())
                .filter(known -> known.seq() > start.map(ChainCheckpoint::seq).orElse(0L))
                .map(known -> new Anchor(known.seq(), known.mac()))
                .stream()
                .toList();
        return compare(done, start, anchor)
                .chain(fault -> fault.isPresent() || anchors.isEmpty()
                        ? Uni.createFrom().item(fault)
                        : compare(done, start, Optional.of(anchors.getFirst())))
                .map(fault -> done.verdict(fault.orElse(null)));
    }

    private Uni<Optional<Fault>> compare(Step done, Optional<ChainCheckpoint> start, Optional<Anchor> anchor) {
        if (anchor.isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
        Anchor known = anchor.get();
        if (known.seq() > done.last().seq()) {
            return Uni.createFrom()
                    .item(Optional.of(new Fault("truncated", done.last().seq() + 1, null)));
        }
        long first = start.map(ChainCheckpoint::seq).orElse(0L);
        if (known.seq() < first) {
            throw new IllegalArgumentException("the anchor is older than the retained audit trail");
        }
        return (known.seq() == first
                        ? Uni.createFrom().item(start.map(ChainCheckpoint::entry))
                        : chain.entry(known.seq()))
                .map(found ->
                        found.filter(entry -> entry.mac().equals(known.mac())).isPresent()
                                ? Optional.empty()
                                : Optional.of(new Fault("replaced", known.seq(), null)));
    }

    /**
     * An entry that was kept outside the database.
     *
     * @param seq its sequence number
     * @param mac its seal
     */
    public record Anchor(long seq, String mac) {

        /** Reads {@code <seq>.<mac>}; throws {@link IllegalArgumentException} for anything else. */
        public static Anchor parse(String text) {
            if (!text.matches("[1-9][0-9]{0,17}\\.[0-9a-f]{64}")) {
                throw new IllegalArgumentException("must be the anchor of an earlier verification, <seq>.<mac>");
            }
            int dot = text.indexOf('.');
            return new Anchor(Long.parseLong(text.substring(0, dot)), text.substring(dot + 1));
        }

        @Override
        public String toString() {
            return seq + "." + mac;
        }
    }

    /**
     * The result of a verification.
     *
     * @param checked the number of valid entries
     * @param seq the sequence number of the last of them
     * @param mac its seal
     * @param fault the first fault, or null
     * @param ended whether the end of the chain was reached
     */
    public record Verdict(long checked, long seq, String mac, ChainWalk.@Nullable Fault fault, boolean ended) {

        /** The kind of the fault, or null. */
        public @Nullable String kind() {
            return fault == null ? null : fault.kind();
        }

        /** The sequence number of the fault, or null. */
        public @Nullable Long faultSeq() {
            return fault == null ? null : Long.valueOf(fault.seq());
        }

        /** The id of the faulty line, or null. */
        public @Nullable Long faultLine() {
            return fault == null ? null : fault.eventId();
        }
    }

    private record Step(
            ChainEntry last,
            long from,
            long first,
            @Nullable Fault fault,
            boolean isEnd) {

        Step(ChainEntry before, long from) {
            this(before, from, before.seq(), null, false);
        }

        Step with(ChainWalk.Checked checked) {
            return new Step(checked.last(), checked.last().eventId(), first, checked.fault(), false);
        }

        Step ended() {
            return new Step(last, from, first, fault, true);
        }

        Verdict verdict(@Nullable Fault found) {
            return new Verdict(last.seq() - first, last.seq(), last.mac(), found, isEnd);
        }
    }
}
