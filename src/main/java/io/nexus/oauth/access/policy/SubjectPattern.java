package io.nexus.oauth.access.policy;

import java.util.List;

/**
 * A subject with stars. Each star stands for one or more characters except colon, slash and comma. A star matches as
 * few characters as possible: the first place where the next literal fits is never worse than a later one, because the
 * star can take everything between them. So there is no backtracking, and a match takes at most the length of the
 * subject times that of the pattern.
 */
final class SubjectPattern {

    private static final String STAR_STOPS = ":/,";

    private final List<String> literals;

    SubjectPattern(String pattern) {
        this.literals = List.of(pattern.split("\\*", -1));
    }

    boolean matches(String subject) {
        String first = literals.getFirst();
        String last = literals.getLast();
        if (literals.size() == 1) {
            return subject.equals(first);
        }
        int end = subject.length() - last.length();
        if (end < first.length() || !subject.startsWith(first) || !subject.endsWith(last)) {
            return false;
        }
        int at = first.length();
        for (String literal : literals.subList(1, literals.size() - 1)) {
            int star = starEnd(subject, at, end);
            int found = star == at ? -1 : subject.indexOf(literal, at + 1, Math.min(end, star + literal.length()));
            if (found < 0) {
                return false;
            }
            at = found + literal.length();
        }
        return at < end && starEnd(subject, at, end) == end;
    }

    /** The end of the longest match of a star that starts at {@code at}. */
    private static int starEnd(String subject, int at, int end) {
        int to = at;
        while (to < end && STAR_STOPS.indexOf(subject.charAt(to)) < 0) {
            to++;
        }
        return to;
    }
}
