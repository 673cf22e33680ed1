package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jline.utils.WCWidth;
import org.jspecify.annotations.Nullable;

/** Formats text for people. */
public final class Text {

    private Text() {}

    /** {@code text} with control and direction characters replaced by spaces, so that it is safe on a terminal. */
    public static String clean(@Nullable String text) {
        if (text == null) {
            return "";
        }
        return text.codePoints()
                .map(c -> isActive(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** {@code text} of one or more lines. Characters that {@link #clean} replaces become JSON escapes. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (c == '\n' || !isActive(c)) {
                escaped.appendCodePoint(c);
            } else {
                Character.toString(c).chars().forEach(unit -> escaped.append("\\u%04x".formatted(unit)));
            }
        });
        return escaped.toString();
    }

    private static boolean isActive(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /** The distance of {@code then} from {@code now}: {@code 2 min ago}, {@code in 3 hours}. */
    public static String relative(Instant then, Instant now) {
        Duration distance = Duration.between(then, now);
        String amount = amount(distance.abs());
        if (amount.isEmpty()) {
            return "just now";
        }
        return distance.isNegative() ? "in " + amount : amount + " ago";
    }

    private static String amount(Duration time) {
        if (time.toSeconds() < 5) {
            return "";
        }
        if (time.toSeconds() < 60) {
            return time.toSeconds() + " s";
        }
        if (time.toMinutes() < 60) {
            return time.toMinutes() + " min";
        }
        if (time.toHours() < 48) {
            return counted(time.toHours(), "hour");
        }
        return counted(time.toDays(), "day");
    }

    /** Parses a duration: {@code 90s}, {@code 15m}, {@code 12h}, {@code 30d}. Fails for any other text. */
    public static Duration duration(String text) {
        if (!text.matches("[0-9]{1,6}[smhd]")) {
            throw CommandFailure.usage(clean(text) + " is not a valid duration, such as 90s, 15m, 12h or 30d");
        }
        long amount = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(amount);
            case 'm' -> Duration.ofMinutes(amount);
            case 'h' -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    public static String counted(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** The time in RFC 3339, in UTC and seconds; empty for null. */
    public static String time(@Nullable Instant time) {
        return time == null ? "" : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** How many columns of a terminal {@code text} takes (Unicode Standard Annex 11): most East Asian characters and emoji take two. */
    public static int width(String text) {
        return text.codePoints().map(Text::width).sum();
    }

    /** Cuts {@code text} to exactly {@code width} columns; the last column shows {@code end}. */
    static String cut(String text, int width, String end) {
        StringBuilder kept = new StringBuilder();
        int taken = 0;
        for (int c : text.codePoints().toArray()) {
            if (taken + width(c) > width - 1) {
                break;
            }
            kept.appendCodePoint(c);
            taken += width(c);
        }
        return kept + end + " ".repeat(Math.max(0, width - 1 - taken));
    }

    private static int width(int c) {
        return Math.max(0, WCWidth.wcwidth(c));
    }
}
