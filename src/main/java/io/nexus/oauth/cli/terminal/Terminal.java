package io.nexus.oauth.cli.terminal;

import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The terminal that the standard streams are connected to.
 *
 * @param in whether standard input is a terminal
 * @param out whether standard output is a terminal or treated as one
 * @param err whether standard error is a terminal
 * @param colored whether to print dots and colours
 * @param unicode whether the locale is UTF-8
 * @param columns the width, or 0 when unknown
 */
public record Terminal(boolean in, boolean out, boolean err, boolean colored, boolean unicode, int columns) {

    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    /**
     * Java cannot tell which standard streams are terminals, nor their width. The launcher passes both in {@code nexus.tty} and
     * {@code nexus.columns}. {@code CLICOLOR_FORCE} forces terminal output; {@code NO_COLOR} turns dots and colours off.
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

    /** {@code word}, after {@code dot} on a coloured terminal. */
    public String dotted(String dot, String word) {
        return colored && unicode ? dot + " " + word : word;
    }

    /** A mark for success ({@code true}) or failure. */
    public String mark(boolean good) {
        if (!unicode) {
            return good ? "ok:" : "failed:";
        }
        return good ? "✓" : "✗";
    }
}
