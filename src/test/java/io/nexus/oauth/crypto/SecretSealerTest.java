package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.TenantId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SecretSealerTest {

    private static final String KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    private static final String NEW_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final SecretPlace PLACE = place("acme", "42", "refresh_token");
    private static final Secret SECRET = Secret.of("1//refresh-token 日本 🎉");

    private final SecretSealer sealer = sealer(KEY);

    @Test
    void opensWhatItSealedAtItsPlace() {
        SealedSecret sealed = sealer.seal(SECRET, PLACE);

        assertThat(sealed.text()).matches("[0-9a-f]{8}\\.gAAAAA[A-Za-z0-9_-]+={0,2}");
        assertThat(sealer.unseal(sealed, PLACE)).isEqualTo(SECRET);
    }

    @Test
    void sealsDifferentlyEachTime() {
        assertThat(sealer.seal(SECRET, PLACE)).isNotEqualTo(sealer.seal(SECRET, PLACE));
    }

    /** Computed by Python from the definition. Stored data depends on each byte of the derivation. */
    @Test
    void opensAFixedVector() {
        assertThat(sealer.unseal(
                        new SealedSecret(
                                "631bd92e.gAAAAABlU_EAAAECAwQFBgcICQoLDA0ODw6xLSNfn5NiQutnSJGK_Ym_qViqfnyg4574iuJxxJq0d62mz6NAoh3xxZPo7_tu9Q=="),
                        PLACE))
                .isEqualTo(Secret.of("1//0example"));
    }

    /** Computed likewise. */
    @Test
    void opensAFixedVectorWithVariables() {
        SecretPlace place = place("acme", "42", "refresh_token", Map.of("host", "login.x.example", "area", "eu"));
        assertThat(sealer.unseal(
                        new SealedSecret(
                                "631bd92e.gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD5b2MdezqC2uUn6gqrdSSqnc35Lp26uL8eMPjnlKG9Ob0-1iKvYehcYYFOoj8ASkqw=="),
                        place))
                .isEqualTo(Secret.of("1//0example"));
    }

    @Test
    void opensAtNoOtherPlace() {
        List<SecretPlace> places = List.of(
                PLACE,
                place("acme2", "42", "refresh_token"),
                place("acme", "43", "refresh_token"),
                place("acme", "42", "access_token"),
                place("ACME", "42", "refresh_token"),
                place("42", "acme", "refresh_token"),
                place("acme", "refresh_token", "42"),
                place("acme", "42refresh_token", ""),
                place("acme4", "2", "refresh_token"),
                place("acme", "42|refresh_token", ""),
                place("acme", "4", "2refresh_token"),
                place("acme", "", "42refresh_token"),
                place("acme", "42|", "refresh_token"),
                place("acme", "42", "|refresh_token"),
                place("a", "bc", "d"),
                place("ab", "c", "d"),
                place("a", "b", "cd"),
                place("a", "b|c", "d"),
                place("a", "b", "c|d"),
                place("a", "b\u0000\u0000\u0000\u0001c", "d"),
                place("a", "b", "\u0000\u0000\u0000\u0001c"),
                place("a", "b\u0000\u0000\u0000\u0000c", "d"),
                place("a", "b", "c\u0000\u0000\u0000\u0000d"),
                place("a", "b", "c", Map.of("d", "e")),
                place("a", "b", "c", Map.of("e", "d")),
                place("a", "b", "c", Map.of("d", "")),
                place("a", "b", "c", Map.of("", "d")),
                place("a", "b", "c", Map.of("d", "e", "f", "g")),
                place("a", "b", "c", Map.of("d", "g", "f", "e")),
                place("a", "b", "c", Map.of("d", "efg")));

        for (SecretPlace from : places) {
            SealedSecret sealed = sealer.seal(SECRET, from);
            for (SecretPlace to : places) {
                if (to.equals(from)) {
                    assertThat(sealer.unseal(sealed, to)).isEqualTo(SECRET);
                } else {
                    assertTampered(sealer, sealed, to);
                }
            }
        }
    }

    @Test
    void refusesEveryAlteredCharacter() {
        String text = sealer.seal(SECRET, PLACE).text();

        for (int i = text.indexOf('.') + 1; i < text.length(); i++) {
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            assertTampered(sealer, new SealedSecret(text.substring(0, i) + other + text.substring(i + 1)), PLACE);
        }
        assertTampered(sealer, new SealedSecret(text + "="), PLACE);
        assertTampered(sealer, new SealedSecret(text.substring(0, text.indexOf('.') + 1)), PLACE);
    }

    @Test
    void namesTheKeyThatTheKeyringLacks() {
        SealedSecret sealed = sealer.seal(SECRET, PLACE);

        assertThatExceptionOfType(CryptoException.UnknownKey.class)
                .isThrownBy(() -> sealer(NEW_KEY).unseal(sealed, PLACE))
                .withMessage("the keyring has no key " + sealed.keyId())
                .satisfies(e -> assertThat(e.keyId()).isEqualTo(sealed.keyId()));
    }

    @Test
    void refusesTheIdOfAnotherKey() {
        SecretSealer both = sealer(KEY, NEW_KEY);
        String underNew = sealer(NEW_KEY).seal(SECRET, PLACE).keyId();

        assertTampered(
                both, new SealedSecret(underNew + "." + both.seal(SECRET, PLACE).ciphertext()), PLACE);
    }

    @Test
    void opensUnderAnOlderKeyAndNeverSealsUnderIt() {
        SealedSecret old = sealer.seal(SECRET, PLACE);
        SecretSealer rotated = sealer(NEW_KEY, KEY);

        assertThat(rotated.unseal(old, PLACE)).isEqualTo(SECRET);
        for (int i = 0; i < 100; i++) {
            assertThat(rotated.seal(SECRET, PLACE).keyId())
                    .isEqualTo(keyring(NEW_KEY).primaryId())
                    .isNotEqualTo(old.keyId());
        }
        assertThat(rotated.digest("api-key", SECRET).keyId())
                .isEqualTo(keyring(NEW_KEY).primaryId());
    }

    @Test
    void theMasterKeyItselfOpensNothing() {
        SealedSecret sealed = sealer.seal(SECRET, PLACE);

        assertThatExceptionOfType(CryptoException.Tampered.class)
                .isThrownBy(() -> new OAuthCrypto(KEY).decryptToken(sealed.ciphertext()));
        String underMaster = new OAuthCrypto(KEY).encryptToken("token");
        assertTampered(sealer, new SealedSecret(sealed.keyId() + "." + underMaster), PLACE);
    }

    @Test
    void refusesHalfASurrogatePairRatherThanLosingIt() {
        assertThatIllegalArgumentException().isThrownBy(() -> sealer.seal(Secret.of("\uD83C"), PLACE));
        assertThatIllegalArgumentException().isThrownBy(() -> sealer.seal(SECRET, place("a", "\uD83C", "f")));
    }

    @Test
    void aDigestMatchesItsSecretAndPurposeOnly() {
        KeyedDigest digest = sealer.digest("api-key", SECRET);

        assertThat(digest.hex())
                .matches("[0-9a-f]{64}")
                .isEqualTo(sealer.digests("api-key", SECRET).getFirst().hex());
        assertThat(sealer.matches(digest, "api-key", SECRET)).isTrue();
        assertThat(sealer.matches(digest, "state", SECRET)).isFalse();
        assertThat(sealer.matches(digest, "api-key", Secret.of("other"))).isFalse();
        assertThat(sealer.matches(new KeyedDigest(digest.keyId(), ""), "api-key", SECRET))
                .isFalse();
    }

    @Test
    void aDigestOfAFixedVector() {
        assertThat(sealer.digest("api-key", Secret.of("nxo_example")).hex())
                .isEqualTo("1e40b6a7dc42e776ea20ad611d122554ddf61de492e7a263b7ef07f135a6da70");
    }

    @Test
    void aDigestMatchesUnderAnOlderKeyAndNamesAMissingOne() {
        KeyedDigest old = sealer.digest("api-key", SECRET);

        assertThat(sealer(NEW_KEY, KEY).matches(old, "api-key", SECRET)).isTrue();
        assertThat(sealer(NEW_KEY, KEY).digest("api-key", SECRET)).isNotEqualTo(old);
        assertThatExceptionOfType(CryptoException.UnknownKey.class)
                .isThrownBy(() -> sealer(NEW_KEY).matches(old, "api-key", SECRET));
    }

    @Test
    void worksForManyThreadsAtOnce() throws Exception {
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            Secret secret = Secret.of("token-" + i);
            SecretPlace place = place("t" + i % 4, "owner-" + i, "field");
            tasks.add(() -> {
                boolean right = true;
                for (int n = 0; n < 100; n++) {
                    right &= sealer.unseal(sealer.seal(secret, place), place).equals(secret);
                    right &= sealer.matches(sealer.digest("p", secret), "p", secret);
                }
                return right;
            });
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (Future<Boolean> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    private static void assertTampered(SecretSealer sealer, SealedSecret sealed, SecretPlace place) {
        assertThatExceptionOfType(CryptoException.Tampered.class)
                .as("%s at %s", sealed.text(), place)
                .isThrownBy(() -> sealer.unseal(sealed, place));
    }

    private static SecretPlace place(String tenant, String owner, String field) {
        return place(tenant, owner, field, Map.of());
    }

    private static SecretPlace place(String tenant, String owner, String field, Map<String, String> vars) {
        return new SecretPlace(new TenantId(tenant), owner, field, vars);
    }

    private static SecretSealer sealer(String... keys) {
        return new SecretSealer(keyring(keys));
    }

    private static Keyring keyring(String... keys) {
        return Keyring.of(Arrays.stream(keys).map(Secret::of).toList());
    }
}
