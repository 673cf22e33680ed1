package io.nexus.oauth.credential;

import java.text.Normalizer;

/** The rule for every identifier of a caller: visible characters, a bounded length, one spelling. */
public final class Identifiers {

    private Identifiers() {}

    /**
     * Throws {@link IllegalArgumentException} naming {@code what} when {@code value} is empty, longer than {@code max}
     * characters, has control, format, unassigned or unpaired surrogate characters, or is not NFC-normalised. Control
     * characters forge log lines, format characters are invisible, and two spellings of one name would become two
     * credentials.
     */
    public static String check(String what, String value, int max) {
        if (value.isEmpty() || value.length() > max) {
            throw new IllegalArgumentException(what + " must have 1 to " + max + " characters");
        }
        if (value.codePoints().anyMatch(Identifiers::isUnfit)) {
            throw new IllegalArgumentException(what + " must not contain control or invisible characters");
        }
        if (!Normalizer.isNormalized(value, Normalizer.Form.NFC)) {
            throw new IllegalArgumentException(what + " must be in Unicode normalization form C");
        }
        if (!value.strip().equals(value)) {
            throw new IllegalArgumentException(what + " must not start or end with white space");
        }
        return value;
    }

    private static boolean isUnfit(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
