package io.nexus.oauth.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Words of the Markdown that the pages are written in. No line is longer than the rule of the house allows. */
final class Markdown {

    /** Where text is wrapped. */
    private static final int WIDTH = 120;

    private Markdown() {}

    /** {@code text} in lines of some 120 characters, paragraph by paragraph. */
    static String wrapped(String text) {
        return text.lines().map(line -> wrapped(line, "")).collect(Collectors.joining("\n"));
    }

    /** An item of a list, {@code text} of one paragraph. */
    static String item(String text) {
        return "- " + wrapped(text, "  ");
    }

    private static String wrapped(String paragraph, String indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : words(paragraph)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH - indent.length()) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return String.join("\n" + indent, lines);
    }

    /** Code is one word, whatever spaces it holds: Markdown would keep a break in it, but nobody could search for it. */
    private static List<String> words(String paragraph) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean code = false;
        for (char c : paragraph.strip().toCharArray()) {
            code ^= c == '`';
            if (c == ' ' && !code) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        words.add(word.toString());
        return words.stream().filter(each -> !each.isEmpty()).toList();
    }

    /** {@code text} with a capital letter and a final stop: texts of {@code @param} have neither. */
    static String sentence(String text) {
        String begun = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
        return begun.endsWith(".") ? begun : begun + ".";
    }

    /** {@code text} as code. */
    static String code(String text) {
        return "`" + text + "`";
    }

    /** The texts as code, separated by commas. */
    static String codes(Iterable<String> texts) {
        List<String> all = new ArrayList<>();
        texts.forEach(text -> all.add(code(text)));
        return String.join(", ", all);
    }

    /** {@code camelCase} in another form: {@code '-'} makes a key of the configuration, {@code '_'} a name of the wire. */
    static String separated(String name, char separator) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1" + separator + "$2").toLowerCase(Locale.ROOT);
    }
}
