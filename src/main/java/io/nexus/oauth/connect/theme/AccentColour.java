package io.nexus.oauth.connect.theme;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A colour of an operator, and the colours that make text on it, and links in it, readable (WCAG 2.2, 1.4.3, level AA). */
record AccentColour(int red, int green, int blue) {

    /** The least contrast of text. */
    static final double AA = 4.5;

    /** The colour {@code --card} of the stylesheet, light and dark. */
    static final AccentColour LIGHT_CARD = new AccentColour(255, 255, 255);

    static final AccentColour DARK_CARD = new AccentColour(0x16, 0x1b, 0x22);

    private static final Pattern HEX = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final AccentColour WHITE = LIGHT_CARD;
    private static final AccentColour BLACK = new AccentColour(0, 0, 0);
    private static final int STEPS = 50;

    static Optional<AccentColour> parse(String text) {
        return HEX.matcher(text).matches()
                ? Optional.of(of(Integer.parseInt(text.substring(1), 16)))
                : Optional.empty();
    }

    private static AccentColour of(int rgb) {
        return new AccentColour(rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff);
    }

    /** Black or white, whichever has more contrast; one of them has at least 4.58. */
    AccentColour text() {
        return contrast(WHITE) >= AA ? WHITE : BLACK;
    }

    /** This colour, mixed with black or white until it is readable on {@code card}. */
    AccentColour readableOn(AccentColour card) {
        AccentColour pole = card.text();
        for (int step = 0; step < STEPS; step++) {
            AccentColour mixed = mix(pole, (double) step / STEPS);
            if (mixed.contrast(card) >= AA) {
                return mixed;
            }
        }
        return pole;
    }

    /** The contrast between 1 and 21. */
    double contrast(AccentColour other) {
        double one = luminance();
        double two = other.luminance();
        return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    }

    private AccentColour mix(AccentColour other, double part) {
        return new AccentColour(
                between(red, other.red, part), between(green, other.green, part), between(blue, other.blue, part));
    }

    private static int between(int from, int to, double part) {
        return (int) Math.round(from + (to - from) * part);
    }

    private double luminance() {
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    }

    private static double linear(int channel) {
        double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    String hex() {
        return String.format(Locale.ROOT, "#%02x%02x%02x", red, green, blue);
    }

    /** The variables of the stylesheet. Both schemes are in it, because the browser may choose. */
    String css() {
        return """
                :root {
                  --brand: %s; --on-brand: %s; --link-light: %s; --link-dark: %s;
                }
                """.formatted(
                        hex(),
                        text().hex(),
                        readableOn(LIGHT_CARD).hex(),
                        readableOn(DARK_CARD).hex());
    }
}
