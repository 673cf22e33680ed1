package io.nexus.oauth.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.macasaet.fernet.Key;
import com.macasaet.fernet.StringValidator;
import com.macasaet.fernet.Token;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.TemporalAmount;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FernetTest {

    /** The key, the token and the invalid tokens of github.com/fernet/spec. */
    private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    private static final String HELLO =
            "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/%. \n";

    private final Fernet fernet = fernet(KEY);

    @Test
    void writesTheTokenOfTheSpecification() {
        Fernet fixed = new Fernet(
                bytes(KEY), InstantSource.fixed(Instant.parse("1985-10-26T08:20:00Z")), new CountingRandom());

        assertThat(fixed.encrypt("hello".getBytes(UTF_8))).isEqualTo(HELLO);
    }

    @Test
    void readsTheTokenOfTheSpecification() {
        assertThat(fernet.decrypt(HELLO)).asString(UTF_8).isEqualTo("hello");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "incorrect mac, gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
        "too short, gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==",
        "invalid base64, %%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
        "not whole blocks, gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
        "bad padding, gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
        "incorrect IV, gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ=="
    })
    void refusesTheInvalidTokensOfTheSpecification(String why, String token) {
        assertRefused(fernet, token);
    }

    /** The specification refuses these by their time; data at rest has none. Both hold no text. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "far future, gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==",
        "expired, gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q=="
    })
    void readsATokenOfAnyTime(String why, String token) {
        assertThat(fernet.decrypt(token)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gA", "=", "====", "é", "\u0000", "日本"})
    void refusesWhatIsNoToken(String text) {
        assertRefused(fernet, text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 64})
    void refusesEverySingleBitFlip(int length) {
        byte[] token = Base64.getUrlDecoder().decode(fernet.encrypt(new byte[length]));

        for (int bit = 0; bit < token.length * 8; bit++) {
            token[bit / 8] ^= (byte) (1 << (bit % 8));
            assertRefused(fernet, Base64.getUrlEncoder().encodeToString(token));
            token[bit / 8] ^= (byte) (1 << (bit % 8));
        }

        assertThat(fernet.decrypt(Base64.getUrlEncoder().encodeToString(token))).hasSize(length);
    }

    /** 0, 16 and 32 bytes of plaintext give the three remainders of a length by three, hence all forms of padding. */
    @ParameterizedTest
    @ValueSource(ints = {0, 16, 32})
    void refusesEveryOtherCharacterAtEveryPosition(int length) {
        String token = fernet.encrypt(new byte[length]);

        for (int i = 0; i < token.length(); i++) {
            for (char c : ALPHABET.toCharArray()) {
                if (c != token.charAt(i)) {
                    assertRefused(fernet, token.substring(0, i) + c + token.substring(i + 1));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 32})
    void refusesTextThatIsLongerOrShorter(int length) {
        String token = fernet.encrypt(new byte[length]);

        for (int end = 0; end < token.length(); end++) {
            assertRefused(fernet, token.substring(0, end));
        }
        for (String more : new String[] {"=", "A", "AAAA", "\n", " ", "==trailing"}) {
            assertRefused(fernet, token + more);
        }
        assertRefused(fernet, " " + token);
    }

    @Test
    void refusesAnotherVersionEvenWhenSigned() {
        assertRefused(fernet, signed(token -> token[0] = (byte) 0x81));
    }

    @Test
    void refusesACiphertextOfNoBlocksEvenWhenSigned() {
        byte[] head = Arrays.copyOf(Base64.getUrlDecoder().decode(HELLO), 25);

        assertRefused(fernet, sign(head));
    }

    @Test
    void refusesPartOfABlockEvenWhenSigned() {
        byte[] unsigned = Arrays.copyOf(Base64.getUrlDecoder().decode(HELLO), 25 + 16 + 1);

        assertRefused(fernet, sign(unsigned));
    }

    @Test
    void refusesBadPaddingEvenWhenSigned() {
        assertRefused(fernet, signed(token -> token[24] ^= 1));
    }

    @Test
    void refusesAnotherKey() {
        Fernet other = fernet(MasterKey.generate());

        assertRefused(other, HELLO);
    }

    @Test
    void refusesAKeyOfWhichOneHalfDiffers() {
        for (int at : new int[] {0, 16}) {
            byte[] key = bytes(KEY);
            key[at] ^= 1;
            assertThat(decryptsTo(new Fernet(key, InstantSource.system(), new SecureRandom()), "hello"))
                    .isFalse();
        }
    }

    @Test
    void ofNoUseOnceWiped() {
        Fernet wiped = fernet(KEY);
        wiped.wipe();

        assertRefused(wiped, HELLO);
    }

    @Test
    void readsWhatAnotherLibraryWritesAndTheReverse() {
        Key theirs = new Key(KEY);
        StringValidator anyTime = new StringValidator() {
            @Override
            public TemporalAmount getTimeToLive() {
                return Duration.ofHours(1);
            }
        };
        for (int length = 0; length < 70; length++) {
            String text = "x".repeat(length);
            assertThat(fernet.decrypt(Token.generate(theirs, text).serialise()))
                    .asString(UTF_8)
                    .isEqualTo(text);
            String ours = fernet.encrypt(text.getBytes(UTF_8));
            assertThat(Token.fromString(ours).validateAndDecrypt(theirs, anyTime))
                    .isEqualTo(text);
        }
    }

    private static boolean decryptsTo(Fernet fernet, String text) {
        try {
            return new String(fernet.decrypt(HELLO), UTF_8).equals(text);
        } catch (CryptoException.Tampered e) {
            return false;
        }
    }

    private static void assertRefused(Fernet fernet, String token) {
        assertThatExceptionOfType(CryptoException.Tampered.class)
                .as("token %s", token)
                .isThrownBy(() -> fernet.decrypt(token));
    }

    private static String signed(Consumer<byte[]> change) {
        byte[] token = Base64.getUrlDecoder().decode(HELLO);
        byte[] unsigned = Arrays.copyOf(token, token.length - 32);
        change.accept(unsigned);
        return sign(unsigned);
    }

    private static String sign(byte[] unsigned) {
        byte[] token = Arrays.copyOf(unsigned, unsigned.length + 32);
        System.arraycopy(Hkdf.hmac(bytes(KEY), 0, 16).doFinal(unsigned), 0, token, unsigned.length, 32);
        return Base64.getUrlEncoder().encodeToString(token);
    }

    private static Fernet fernet(String key) {
        return new Fernet(bytes(key), InstantSource.system(), new SecureRandom());
    }

    private static byte[] bytes(String key) {
        return Base64.getUrlDecoder().decode(key);
    }

    /** Gives 0, 1, 2, ... as the specification's initialization vector. */
    private static final class CountingRandom extends SecureRandom {
        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
        }
    }
}
