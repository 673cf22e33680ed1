package io.nexus.oauth.rig;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the things of one kind that a check looked at, and knows how many it has to look at. Safe for use by several threads. */
final class Tally {

    private static final long NONE = 0;

    private final String what;
    private final long least;
    private final AtomicLong seen = new AtomicLong();

    private Tally(String what, long least) {
        this.what = what;
        this.least = least;
    }

    /** A check of {@code what} that has to look at {@code least} of them; one at least. */
    static Tally of(String what, long least) {
        if (least <= NONE) {
            throw new IllegalArgumentException("a check that may look at nothing proves nothing: " + what);
        }
        return new Tally(what, least);
    }

    /** A check that the scenario gives nothing to look at: the report says so, and there is no minimum. */
    static Tally notPart(String what) {
        return new Tally(what, NONE);
    }

    String what() {
        return what;
    }

    long seen() {
        return seen.get();
    }

    void add() {
        add(1);
    }

    void add(long more) {
        seen.addAndGet(more);
    }

    /** Adds one when {@code looked}. */
    void addIf(boolean looked) {
        add(looked ? 1 : 0);
    }

    /** The sentence that makes the run red; empty when enough was looked at. */
    Optional<String> shortfall() {
        return seen() < least
                ? Optional.of("the check looked at %d %s, it must look at %d at least".formatted(seen(), what, least))
                : Optional.empty();
    }

    @Override
    public String toString() {
        if (least > NONE) {
            return "%d %s (at least %d)".formatted(seen(), what, least);
        }
        return seen() == 0
                ? what + " not looked at: not part of this scenario"
                : "%d %s (not part of this scenario)".formatted(seen(), what);
    }
}
