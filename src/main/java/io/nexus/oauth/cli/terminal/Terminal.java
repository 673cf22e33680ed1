package io.nexus.oauth.cli.terminal;

import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What the user sees the output on.
 *
 * @param in whether standard input is a terminal
 * @param out whether standard output is one, or is to be treated as one
 * @param err whether standard error is one
 * @param colored whether dots and colours are wanted
 * @param unicode whether it can show more than ASCII
 * @param columns how wide it is, or 0 when nobody knows
 */
public record Terminal(boolean in, boolean out, boolean err, boolean colored, boolean unicode, int columns) {

    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    /**
     * Java cannot tell which of the three streams are terminals and how wide they are, so the launcher says it in {@code nexus.tty}
     * and {@code nexus.columns}. {@code CLICOLOR_FORCE} makes the output that of a terminal, {@code NO_COLOR} takes dots and colours away.
     */
    public static Terminal of(Map<String, String> env, Properties properties) {
        String tty = properties.getProperty("nexus.tty", "");
        String force = env.getOrDefault("CLICOLOR_FORCE", "0");
        boolean forced = !force.isEmpty() && !force.equals("0");
        boolean out = forced || tty.contains("1");
        boolean plain = !env.getOrDefault("NO_COLOR", "").isEmpty()
                || (!forced && env.getOrDefault("TERM", "").equals("dumb"));
        return new Terminal(
                tty.contains("0"), out, tty.contains("2"), out && !plain, isUnicode(env), columns(properties));
    }

    private static int columns(Properties properties) {
        String columns = properties.getProperty("nexus.columns", "");
        return columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : 0;
    }

    private static boolean isUnicode(Map<String, String> env) {
        return Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> env.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .map(value -> value.toLowerCase(Locale.ROOT).replace("-", "").contains("utf8"))
                .orElse(false);
    }

    String bold(String text) {
        return colored ? BOLD + text + PLAIN : text;
    }

    /** {@code dot} before {@code word}, where dots are wanted. */
    public String dotted(String dot, String word) {
        return colored && unicode ? dot + " " + word : word;
    }

    /** A mark for what went well ({@code true}) or did not. */
    public String mark(boolean good) {
        if (!unicode) {
            return good ? "ok:" : "failed:";
        }
        return good ? "✓" : "✗";
    }
}
