package io.nexus.oauth.web;

import io.nexus.oauth.api.AuditEntryView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The audit trail of one credential for people: equal refreshes and equal uses that follow each other are one entry. */
final class Timeline {

    private static final Set<String> FOLDED = Set.of("token_refreshed", "token_handed_out");

    private Timeline() {}

    /** The entries of {@code lines}, newest first. */
    static List<Entry> of(List<AuditEntryView> lines) {
        List<Entry> entries = new ArrayList<>();
        for (AuditEntryView line : lines) {
            if (!entries.isEmpty() && isEqual(entries.getLast().newest(), line)) {
                entries.add(entries.removeLast().with(line));
            } else {
                entries.add(new Entry(List.of(line)));
            }
        }
        return entries;
    }

    private static boolean isEqual(AuditEntryView one, AuditEntryView other) {
        return FOLDED.contains(one.operation())
                && one.operation().equals(other.operation())
                && one.actor().equals(other.actor())
                && Objects.equals(one.detail(), other.detail());
    }

    /**
     * An entry.
     *
     * @param lines the lines of the trail, newest first; more than one when they are equal
     */
    public record Entry(List<AuditEntryView> lines) {

        Entry with(AuditEntryView older) {
            List<AuditEntryView> all = new ArrayList<>(lines);
            all.add(older);
            return new Entry(List.copyOf(all));
        }

        /** The newest line. */
        public AuditEntryView newest() {
            return lines.getFirst();
        }

        /** When the oldest line happened. */
        public Instant since() {
            return lines.getLast().at();
        }

        /** Whether it stands for several lines. */
        public boolean isFolded() {
            return lines.size() > 1;
        }

        /** How often it happened. */
        public long times() {
            return lines.stream().mapToLong(AuditEntryView::times).sum();
        }
    }
}
