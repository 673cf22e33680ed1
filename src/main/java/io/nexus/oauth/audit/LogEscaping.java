package io.nexus.oauth.audit;

/** Escapes text for a log line: characters that could end the line, be invisible or look like the next field. */
final class LogEscaping {

    private LogEscaping() {}

    /**
     * {@code text} without control, format (bidirectional), separator and surrogate characters, {@code |} and
     * backslashes: each of them as {@code \}{@code u} and four hex digits. The result is unambiguous.
     */
    static String of(String text) {
        if (text.chars().allMatch(LogEscaping::isPlain)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            i += Character.charCount(codePoint);
            if (isPlain(codePoint) || isVisible(codePoint)) {
                escaped.appendCodePoint(codePoint);
            } else {
                for (char unit : Character.toChars(codePoint)) {
                    escaped.append(String.format("\\u%04x", (int) unit));
                }
            }
        }
        return escaped.toString();
    }

    private static boolean isPlain(int codePoint) {
        return codePoint >= ' ' && codePoint < 0x7f && codePoint != '|' && codePoint != '\\';
    }

    private static boolean isVisible(int codePoint) {
        return codePoint > 0x7f
                && switch (Character.getType(codePoint)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.UNASSIGNED,
                            Character.PRIVATE_USE,
                            Character.SPACE_SEPARATOR,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }
}
