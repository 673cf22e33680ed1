package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.math.BigInteger;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OAuthCryptoTest {

    private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    private final OAuthCrypto crypto = new OAuthCrypto(KEY);

    @Test
    void generatesAKeyThatWorks() {
        String key = OAuthCrypto.generateKey();

        assertThat(key).hasSize(44).isNotEqualTo(OAuthCrypto.generateKey());
        assertThat(new OAuthCrypto(key).decryptToken(new OAuthCrypto(key).encryptToken("ya29.token")))
                .isEqualTo("ya29.token");
    }

    @Test
    void decryptsWhatItEncrypted() {
        String encrypted = crypto.encryptToken("ya29.a0AfH6SMBx");

        assertThat(encrypted).doesNotContain("ya29");
        assertThat(crypto.decryptToken(encrypted)).isEqualTo("ya29.a0AfH6SMBx");
    }

    @Test
    void refusesEmptyInput() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.encryptToken(""))
                .withMessage("Token cannot be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.decryptToken(""))
                .withMessage("Encrypted token cannot be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.encryptDict(Map.of()))
                .withMessage("Data cannot be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.decryptDict(""))
                .withMessage("Encrypted data cannot be empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_token", "not-base64!", " ", "gAAAAA=="})
    void refusesGarbage(String garbage) {
        assertTampered(() -> crypto.decryptToken(garbage));
        assertTampered(() -> crypto.decryptDict(garbage));
    }

    @Test
    void refusesAnotherKey() {
        String encrypted = crypto.encryptToken("ya29.token");

        assertTampered(() -> new OAuthCrypto(OAuthCrypto.generateKey()).decryptToken(encrypted));
    }

    @Test
    void decryptsTheDictItEncrypted() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("access_token", "ya29.é");
        data.put("expires_in", 3600);
        data.put("scopes", List.of("drive", "gmail"));
        data.put("nested", Map.of("big", new BigInteger("123456789012345678901234567890"), "ratio", 1.5));
        data.put("nothing", null);

        assertThat(crypto.decryptDict(crypto.encryptDict(data))).isEqualTo(data);
    }

    @Test
    void keepsNumbersThatOnlyPythonCallsJson() {
        assertThat(crypto.decryptDict(crypto.encryptDict(Map.of("x", Double.NaN))))
                .isEqualTo(Map.of("x", Double.NaN));
        assertThat(crypto.decryptDict(crypto.encryptToken("[Infinity, -Infinity]")))
                .isEqualTo(List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    }

    @Test
    void decryptsJsonOfAnyType() {
        assertThat(crypto.decryptDict(crypto.encryptToken("[1,true]"))).isEqualTo(List.of(1, true));
        assertThat(crypto.decryptDict(crypto.encryptToken("\"text\""))).isEqualTo("text");
        assertThat(crypto.decryptDict(crypto.encryptToken("null"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CANARY", "{\"a\":CANARY}", "{} CANARY", " "})
    void refusesADictThatIsNoJsonAndDoesNotQuoteIt(String plaintext) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.decryptDict(crypto.encryptToken(plaintext)))
                .withMessage("Decrypted data is not valid JSON")
                .withNoCause();
    }

    @Test
    void refusesADictThatHasNoJsonFormAndDoesNotQuoteIt() {
        Map<String, Object> circle = new LinkedHashMap<>();
        circle.put("CANARY", circle);

        for (Map<String, Object> data : List.of(circle, Map.<String, Object>of("CANARY", new Object()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> crypto.encryptDict(data))
                    .withMessageStartingWith("Failed to serialize data: ")
                    .withMessageNotContaining("CANARY")
                    .withNoCause();
        }
    }

    @Test
    void rotatesToTheNewKey() {
        String newKey = OAuthCrypto.generateKey();

        String rotated =
                new OAuthCrypto(OAuthCrypto.generateKey()).rotateKey(KEY, newKey, crypto.encryptToken("ya29.token"));

        assertThat(new OAuthCrypto(newKey).decryptToken(rotated)).isEqualTo("ya29.token");
        assertTampered(() -> crypto.decryptToken(rotated));
    }

    @Test
    void rotatesOnlyWhatTheOldKeyOpens() {
        String encrypted = crypto.encryptToken("ya29.token");
        String other = OAuthCrypto.generateKey();

        assertTampered(() -> crypto.rotateKey(other, KEY, encrypted));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.rotateKey(KEY, other, ""))
                .withMessage("Encrypted token cannot be empty");
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> crypto.rotateKey("bad", other, encrypted))
                .withMessageContaining("the old key");
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> crypto.rotateKey(KEY, "", encrypted))
                .withMessageContaining("the new key");
    }

    @Test
    void encryptsTheSameTokenDifferentlyEachTime() {
        String one = crypto.encryptToken("ya29.token");
        String other = crypto.encryptToken("ya29.token");

        assertThat(one).isNotEqualTo(other);
        assertThat(crypto.decryptToken(one)).isEqualTo(crypto.decryptToken(other));
    }

    @Test
    void keepsEveryCharacter() {
        for (String token : List.of(
                "ya29." + "a".repeat(1008),
                "!@#$%^&*()_+-=[]{}|;':\",./<>?`~\\",
                "日本語 🎉 é ñ",
                "\u0000\n\t",
                " ",
                "\uFEFFx")) {
            assertThat(crypto.decryptToken(crypto.encryptToken(token))).isEqualTo(token);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83C", "a\uDF89", "\uDF89\uD83C"})
    void refusesHalfASurrogatePairRatherThanLosingIt(String token) {
        assertThatIllegalArgumentException().isThrownBy(() -> crypto.encryptToken(token));
    }

    @Test
    void refusesPlaintextThatIsNoText() {
        Fernet fernet = new Fernet(new byte[32], InstantSource.system(), Randomness.SOURCE);
        String key = "A".repeat(43) + "=";

        assertTampered(() -> new OAuthCrypto(key).decryptToken(fernet.encrypt(new byte[] {(byte) 0xff})));
    }

    /** Written by cryptography 48.0.0. */
    @Test
    void readsWhatPythonWrote() {
        assertThat(crypto.decryptToken("gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD-fjVhyBWCYMBN26CA5buT9jM0-aDtS9LNxE8lA-DZCgrP"
                        + "TumWKNYDgvCd_s1k-f7s-otwEpksgjwxQnDTQWQYs="))
                .isEqualTo("日本語 🎉 é token");
        assertThat(crypto.decryptDict("gAAAAABlU_EAEBESExQVFhcYGRobHB0eHyKpjAylMEkGSdxwhYiLXhvUZXOAwkuSWqAftNrveSI_iw1e"
                        + "I9M2fFJqcXaIqhAie3zmyytcs_QBv0oz4ifQ3U6vSIlcWFxcNGnDyFdP1Ub1yzlZIEvlHU_vxsTtXsrrqwT7WUrCc3aJFJmOlRB7"
                        + "TsdTgXK9zsFXWIGnEOk5ioHiv0UHyf0daqi5sNjW7CAMvFsnhVF7lFASABmdxsLmevM="))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .contains(
                        entry("access_token", "ya29.é"), entry("expires_in", 3600), entry("scopes", List.of("a", "b")))
                .extractingByKey("nested", InstanceOfAssertFactories.MAP)
                .containsEntry("x", null)
                .contains(entry("y", 1.5), entry("z", true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "CANARY",
                "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e",
                "CANARY CANARY CANARY CANARY CANARY CANARY 12="
            })
    void refusesABadKeyAndDoesNotQuoteIt(String key) {
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> new OAuthCrypto(key))
                .withMessageStartingWith("Invalid encryption key in the argument: ")
                .withMessageNotContaining("CANARY")
                .withNoCause()
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    private static void assertTampered(ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(CryptoException.Tampered.class)
                .isThrownBy(call)
                .withMessageStartingWith("Failed to decrypt token.")
                .withNoCause();
    }
}
