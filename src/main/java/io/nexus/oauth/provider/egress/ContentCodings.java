package io.nexus.oauth.provider.egress;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the content codings of a response (RFC 9110 section 8.4.1): {@code gzip}, {@code x-gzip} and {@code deflate},
 * with and without the zlib header. The bytes decide, not the header alone: a body that is only labelled as compressed
 * stays as it is, and a gzip body without a label is read. A damaged end does not discard what was read before. The
 * result is bounded, whatever a small body expands to. Reads its text, too.
 */
final class ContentCodings {

    /** The codings of one body that are undone; a proxy may add one. */
    private static final int MAX_CODINGS = 3;

    private static final int CHUNK = 8 * 1024;
    private static final Charset UTF_32BE = Charset.forName("UTF-32BE");
    private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

    private ContentCodings() {}

    /**
     * {@code body} without its codings. Does not block.
     *
     * @param header the value of {@code Content-Encoding}, or null
     * @param cap the largest result in bytes
     * @throws TooLargeException when the result is larger
     */
    static byte[] decode(@Nullable String header, byte[] body, int cap) throws TooLargeException {
        byte[] data = body;
        for (String coding : codings(header)) {
            data = switch (coding) {
                case "gzip", "x-gzip" -> gunzip(data, cap);
                case "deflate" -> inflate(data, cap);
                default -> data;
            };
        }
        for (int i = 0; i < MAX_CODINGS && isGzip(data); i++) {
            data = gunzip(data, cap);
        }
        return data;
    }

    /** The codings in the order in which they are undone. */
    private static List<String> codings(@Nullable String header) {
        List<String> codings = new ArrayList<>(Arrays.asList(
                header == null ? new String[0] : header.toLowerCase(Locale.ROOT).split("[\\s,]+")));
        Collections.reverse(codings);
        return codings.subList(0, Math.min(MAX_CODINGS, codings.size()));
    }

    private static byte[] gunzip(byte[] data, int cap) throws TooLargeException {
        return isGzip(data)
                ? read(() -> new GZIPInputStream(new ByteArrayInputStream(data)), cap)
                        .orElse(data)
                : data;
    }

    /** The name stands for the zlib format, but some servers send the bare deflate format. */
    private static byte[] inflate(byte[] data, int cap) throws TooLargeException {
        if (isZlib(data)) {
            return inflate(data, cap, false).orElse(data);
        }
        if (isText(data)) {
            return data;
        }
        Decoded bare = inflate(data, cap, true);
        return bare.whole ? bare.bytes : data;
    }

    /** The bare format has no mark of its own: about one short JSON text in a hundred begins with a whole stream of it. */
    private static boolean isText(byte[] data) {
        for (byte each : data) {
            if (each < ' ' && each != '\n' && each != '\r' && each != '\t') {
                return false;
            }
        }
        return true;
    }

    /** Whole only if nothing follows the end. */
    private static Decoded inflate(byte[] data, int cap, boolean bare) throws TooLargeException {
        Inflater inflater = new Inflater(bare);
        try {
            int all = Math.max(1, data.length);
            Decoded decoded = read(() -> new InflaterInputStream(new ByteArrayInputStream(data), inflater, all), cap);
            return new Decoded(decoded.bytes, decoded.whole && inflater.getRemaining() == 0);
        } finally {
            inflater.end();
        }
    }

    private static boolean isGzip(byte[] data) {
        return data.length > 2 && data[0] == 0x1f && (data[1] & 0xff) == 0x8b;
    }

    /** RFC 1950 section 2.2: method 8, and a check sum over both bytes. */
    private static boolean isZlib(byte[] data) {
        return data.length > 2 && (data[0] & 0x0f) == 8 && ((data[0] & 0xff) * 256 + (data[1] & 0xff)) % 31 == 0;
    }

    private static Decoded read(Source source, int cap) throws TooLargeException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream in = source.open()) {
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (bytes.size() + read > cap) {
                    throw new TooLargeException();
                }
                bytes.write(chunk, 0, read);
            }
            return new Decoded(bytes.toByteArray(), true);
        } catch (IOException e) {
            return new Decoded(bytes.toByteArray(), false);
        }
    }

    /**
     * The text of {@code data}. UTF-8, unless its first bytes say otherwise: a byte order mark, or the zero bytes of UTF-16 and UTF-32
     * beside the ASCII character that begins JSON and forms (RFC 4627 section 3). The byte order mark is removed. Never throws:
     * malformed input is replaced.
     */
    static String text(byte[] data) {
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

    @FunctionalInterface
    private interface Source {
        InputStream open() throws IOException;
    }

    /** The decoded bytes; {@code whole} unless the input was damaged or cut off. */
    private static final class Decoded {

        private final byte[] bytes;
        private final boolean whole;

        Decoded(byte[] bytes, boolean whole) {
            this.bytes = bytes;
            this.whole = whole;
        }

        byte[] orElse(byte[] data) {
            return bytes.length == 0 && !whole ? data : bytes;
        }
    }

    /** The body is larger than its bound once it is decoded. */
    static final class TooLargeException extends Exception {
        private static final long serialVersionUID = 1;

        TooLargeException() {
            super("the decoded body is too large", null, false, false);
        }
    }
}
