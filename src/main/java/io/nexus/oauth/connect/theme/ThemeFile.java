package io.nexus.oauth.connect.theme;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file of a theme. Its name has a digest of its content, so browsers may keep it for ever. */
public final class ThemeFile {

    private static final int DIGEST_BYTES = 12;

    private final String name;
    private final String type;
    private final byte[] content;

    private ThemeFile(String suffix, String type, byte[] content) {
        this.name = digest(content) + suffix;
        this.type = type;
        this.content = content;
    }

    static ThemeFile of(String suffix, String type, byte[] content) {
        return new ThemeFile(suffix, type, content.clone());
    }

    static ThemeFile css(String text) {
        return of(".css", "text/css;charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The name of the file, for example {@code 0a1b2c3d4e5f60718293a4b5.svg}. */
    public String name() {
        return name;
    }

    /** The media type. */
    public String type() {
        return type;
    }

    /** A copy of the content. */
    public byte[] content() {
        return content.clone();
    }

    private static String digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
