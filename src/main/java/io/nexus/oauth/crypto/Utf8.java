package io.nexus.oauth.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lossless UTF-8 conversion: the JDK's shortcuts insert a question mark where they cannot convert. */
final class Utf8 {

    private Utf8() {}

    /** Throws {@link IllegalArgumentException} for an unpaired surrogate, which has no UTF-8 form. */
    static byte[] encode(String text) {
        int codePoint;
        for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
            codePoint = text.codePointAt(i);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("the text has an unpaired surrogate and so no UTF-8 form");
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Decodes and wipes {@code bytes}. Throws {@link CryptoException.Tampered} when they are not UTF-8. */
    static String decodeAndWipe(byte[] bytes) {
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            String text = chars.toString();
            Arrays.fill(chars.array(), '\0');
            return text;
        } catch (CharacterCodingException e) {
            throw new CryptoException.Tampered();
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
