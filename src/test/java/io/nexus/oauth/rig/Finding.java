package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One check of a run and its result. A check declares how many things it must look at. With fewer it is red, and so is a check that
 * declares nothing: no check passes without looking.
 */
final class Finding {

    private static final int SHOWN = 12;

    final String name;
    final String says;
    private final List<Tally> tallies = new ArrayList<>();
    private final List<String> violated = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Finding(String name, String says) {
        this.name = name;
        this.says = says;
    }

    /** The check looks at things called {@code what}, at {@code least} of them. */
    Tally tally(String what, long least) {
        return tally(Tally.of(what, least));
    }

    Tally tally(Tally tally) {
        tallies.add(tally);
        return tally;
    }

    void violation(String format, Object... values) {
        violated.add(String.format(format, values));
    }

    /** Adds to the report something that is not wrong. */
    void note(String format, Object... values) {
        notes.add(String.format(format, values));
    }

    /** Takes over what {@code part}, the same check in a part of the run, found. How much it looked at is added to the tallies here. */
    void include(Finding part) {
        violated.addAll(part.violated);
        notes.addAll(part.notes);
        for (Tally each : part.tallies) {
            tallies.stream()
                    .filter(mine -> mine.what().equals(each.what()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(name + " does not count " + each.what()))
                    .add(each.seen());
        }
    }

    /** Everything that makes the run red: the violations that the check found, then the things that it did not look at. */
    List<String> violations() {
        List<String> all = new ArrayList<>(violated);
        all.addAll(shortfalls());
        return all;
    }

    /** The violations that the check found. */
    List<String> found() {
        return List.copyOf(violated);
    }

    /** One sentence for each kind of things that the check should have looked at and did not. */
    List<String> shortfalls() {
        return tallies.isEmpty()
                ? List.of("the check does not say what it looks at")
                : tallies.stream()
                        .map(Tally::shortfall)
                        .flatMap(Optional::stream)
                        .toList();
    }

    boolean isViolated() {
        return !violations().isEmpty();
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public String toString() {
        List<String> wrong = violations();
        StringBuilder text = new StringBuilder(
                String.format("%-4s %-75s %s", name, says, wrong.isEmpty() ? "ok" : wrong.size() + " VIOLATED"));
        tallies.forEach(each -> text.append("\n       = ").append(each));
        wrong.stream().limit(SHOWN).forEach(each -> text.append("\n       ! ").append(each));
        notes.stream().limit(SHOWN).forEach(each -> text.append("\n       - ").append(each));
        if (notes.size() > SHOWN) {
            text.append("\n       - and ").append(notes.size() - SHOWN).append(" more");
        }
        return text.toString();
    }
}
