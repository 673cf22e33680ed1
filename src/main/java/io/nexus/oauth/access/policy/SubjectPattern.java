package io.nexus.oauth.access.policy;

import java.util.List;

/**
 * A subject with stars, each for one or more characters but colon, slash and comma. What a star may take is taken as late as it can
 * be: the first place where the next literal fits is never worse than a later one, since everything between the two is the star's.
 * So nothing is tried twice, and a match costs no more than the length of the subject times that of the pattern.
 */
final class SubjectPattern {

    private static final String ENDS = ":/,";

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

    /** How far a star reaches that begins at {@code at}. */
    private static int starEnd(String subject, int at, int end) {
        int to = at;
        while (to < end && ENDS.indexOf(subject.charAt(to)) < 0) {
            to++;
        }
        return to;
    }
}
