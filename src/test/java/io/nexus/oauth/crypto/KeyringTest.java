package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nexus.oauth.credential.Secret;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyringTest {

    private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    private static final String OLDER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @Test
    void theFirstKeyIsThePrimary() {
        Keyring keyring = keyring(KEY, OLDER);

        assertThat(keyring.ids()).hasSize(2).startsWith(keyring.primaryId()).allMatch(id -> id.matches("[0-9a-f]{8}"));
        assertThat(keyring.primaryId()).isEqualTo(keyring(KEY).primaryId());
        assertThat(keyring(OLDER, KEY).primaryId()).isNotEqualTo(keyring.primaryId());
    }

    /** Stored texts name keys by these ids, so the ids must not change. */
    @Test
    void theIdOfAKeyIsStable() {
        assertThat(keyring(KEY, OLDER).ids()).containsExactly("631bd92e", "7cbad5d4");
    }

    @ParameterizedTest
    @ValueSource(strings = {KEY, "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4", " \t" + KEY + "\r\n"})
    void acceptsKeysPaddedOrNotWithWhiteSpaceAround(String text) {
        assertThat(keyring(text).primaryId()).isEqualTo(keyring(KEY).primaryId());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CANARY",
                " ",
                "cw/0x689RpI+jtRR7oE8h/eQsKImvJapLeSbXpwF4e4=",
                "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4=",
                "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4==",
                "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4A",
                "730fc4ebaf3d44923e8ed451ee813c87f790b0a226bc96a92de49b5e9c05e1ee",
                "cw_0x689RpI-jtRR7oE8h eQsKImvJapLeSbXpwF4e4="
            })
    void refusesABadKeyByPositionAndDoesNotQuoteIt(String text) {
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> keyring(KEY, text))
                .withMessage("Invalid encryption key in key 2: a key is 32 bytes in base64url"
                        + " (43 characters of A-Z a-z 0-9 - _, and one = if padded)")
                .withNoCause()
                .satisfies(e -> assertThat(e.source()).isEqualTo("key 2"))
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }

    @Test
    void refusesTheSameKeyTwice() {
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> keyring(KEY, OLDER, KEY.replace("=", "")))
                .withMessage("Invalid encryption key in key 3: the key is in the keyring already");
    }

    @Test
    void refusesNoKeys() {
        assertThatIllegalArgumentException().isThrownBy(() -> Keyring.of(List.of()));
    }

    @Test
    void printsIdsOnly() {
        Keyring keyring = keyring(KEY, OLDER);

        assertThat(keyring).hasToString("[keyring " + String.join(", ", keyring.ids()) + "]");
        assertThat(new MasterKey("file", Secret.of(KEY)).toString()).doesNotContain(KEY);
    }

    @Test
    void doesNotLetItsIdsBeChanged() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> keyring(KEY).ids().clear());
    }

    @Test
    void theIdIsNoPartOfTheKeyNorOfAPlainHashOfIt() throws Exception {
        byte[] key = Base64.getUrlDecoder().decode(KEY);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
        String id = keyring(KEY).primaryId();

        assertThat(HexFormat.of().formatHex(key)).doesNotContain(id);
        assertThat(HexFormat.of().formatHex(hash)).doesNotContain(id);
    }

    private static Keyring keyring(String... keys) {
        return Keyring.of(List.of(keys).stream().map(Secret::of).toList());
    }
}
