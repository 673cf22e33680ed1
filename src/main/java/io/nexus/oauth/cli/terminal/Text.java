package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Formats text for people. */
public final class Text {

    /** Characters that take two columns: East Asian scripts, full-width forms and emoji. */
    private static final List<Range> WIDE = List.of(
            new Range(0x1100, 0x115f),
            new Range(0x26aa, 0x26ab),
            new Range(0x2e80, 0xa4cf),
            new Range(0xac00, 0xd7a3),
            new Range(0xf900, 0xfaff),
            new Range(0xfe30, 0xfe6f),
            new Range(0xff00, 0xff60),
            new Range(0x1f300, 0x1faff),
            new Range(0x20000, 0x3fffd));

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

    /** The number of terminal columns of {@code text}. */
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
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(c) ? 2 : 1;
        };
    }

    private static boolean isWide(int c) {
        return WIDE.stream().anyMatch(range -> c >= range.first() && c <= range.last());
    }

    private record Range(int first, int last) {}
}
