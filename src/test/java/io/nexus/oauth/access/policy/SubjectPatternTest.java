package io.nexus.oauth.access.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class SubjectPatternTest {

    /** Every pattern of five characters against every subject of six. */
    @Test
    void matchesWhatTheDefinitionMatches() {
        List<String> subjects = texts("ab:", 6);
        int matches = 0;
        for (String pattern : texts("ab:*", 5)) {
            SubjectPattern quick = new SubjectPattern(pattern);
            for (String subject : subjects) {
                boolean expected = naive(pattern, subject);
                matches += expected ? 1 : 0;
                if (quick.matches(subject) != expected) {
                    Assertions.fail("'" + pattern + "' and '" + subject + "': " + expected);
                }
            }
        }
        assertThat(matches).isGreaterThan(10_000);
    }

    @Test
    void aStarEndsAtColonSlashAndComma() {
        for (String end : List.of(":", "/", ",")) {
            assertThat(new SubjectPattern("a*c").matches("ab" + end + "c")).isFalse();
            assertThat(new SubjectPattern("a*c*").matches("abc" + end)).isFalse();
        }
        assertThat(new SubjectPattern("a.c").matches("abc")).isFalse();
        assertThat(new SubjectPattern("a*\uD83D\uDE00").matches("ab\uD83D\uDE00"))
                .isTrue();
    }

    /** With a backtracking matcher each of these takes minutes. */
    @Test
    void theWorstSubjectIsMatchedAtOnce() {
        String subject = "a".repeat(1_000);
        for (String pattern : List.of("****", "*a*a*a*a", "*a*a*a*ab", "****:")) {
            SubjectPattern quick = new SubjectPattern(pattern);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                for (int i = 0; i < 100; i++) {
                    assertThat(quick.matches(subject + ":")).isEqualTo(pattern.equals("****:"));
                }
            });
        }
    }

    private static boolean naive(String pattern, String subject) {
        if (pattern.isEmpty()) {
            return subject.isEmpty();
        }
        if (pattern.charAt(0) != '*') {
            return !subject.isEmpty()
                    && subject.charAt(0) == pattern.charAt(0)
                    && naive(pattern.substring(1), subject.substring(1));
        }
        for (int taken = 1; taken <= subject.length() && ":/,".indexOf(subject.charAt(taken - 1)) < 0; taken++) {
            if (naive(pattern.substring(1), subject.substring(taken))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> texts(String letters, int longest) {
        List<String> all = new ArrayList<>(List.of(""));
        int from = 0;
        for (int length = 1; length <= longest; length++) {
            int to = all.size();
            for (int i = from; i < to; i++) {
                for (char letter : letters.toCharArray()) {
                    all.add(all.get(i) + letter);
                }
            }
            from = to;
        }
        return all;
    }
}
