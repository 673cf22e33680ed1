package io.nexus.oauth.provider.egress;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The text of a body. UTF-8, unless its first bytes say otherwise: a byte order mark, or the zero bytes of UTF-16 and
 * UTF-32 beside the ASCII character that begins JSON and forms (RFC 4627 section 3). The byte order mark is removed.
 */
final class BodyText {

    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

    private BodyText() {}

    /** The text of {@code data}. Never throws: malformed input is replaced. */
    static String of(byte[] data) {
        String text = new String(data, charset(data));
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Charset charset(byte[] data) {
        int first = at(data, 0);
        int second = at(data, 1);
        if (first == 0) {
            return second == 0 ? UTF_32BE : StandardCharsets.UTF_16BE;
        }
        boolean wide = at(data, 2) == 0 && at(data, 3) == 0;
        Charset little = wide ? UTF_32LE : StandardCharsets.UTF_16LE;
        return switch (first << 8 | second) {
            case 0xfeff -> StandardCharsets.UTF_16BE;
            case 0xfffe -> little;
            default -> second == 0 ? little : StandardCharsets.UTF_8;
        };
    }

    private static int at(byte[] data, int index) {
        return index < data.length ? data[index] & 0xff : -1;
    }
}
