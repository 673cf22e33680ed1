package io.nexus.oauth.cli;

import java.util.Collection;
import java.util.List;

/** Finds the words that a person may have meant. Picocli's own suggestions rank by common letters: {@code test} for {@code lst}. */
final class Suggestions {

    private static final int MAX = 3;

    private Suggestions() {}

    /** The words nearest to {@code typed}, if they differ in few characters: one of three, two of six, a third of more. */
    static List<String> near(String typed, Collection<String> words) {
        int most = typed.length() <= 3 ? 1 : Math.max(2, typed.length() / 3);
        int least = words.stream().mapToInt(word -> distance(typed, word)).min().orElse(most + 1);
        return words.stream()
                .distinct()
                .filter(word -> least <= most && distance(typed, word) == least)
                .sorted()
                .limit(MAX)
                .toList();
    }

    /** The number of characters to insert, delete or replace (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
