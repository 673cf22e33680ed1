package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.TenantId;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

/** Properties of sealing for every secret, place, key and alteration. */
class SealingPropertyTest {

    private final SecretSealer sealer = new SecretSealer(Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey()))));

    @Property
    void opensWhatItSealed(@ForAll("secrets") String text, @ForAll("places") SecretPlace place) {
        SealedSecret sealed = sealer.seal(Secret.of(text), place);

        assertThat(sealer.unseal(sealed, place).reveal()).isEqualTo(text);
        assertThat(sealed.text()).isNotEqualTo(text);
        assertThat(sealed.toString()).doesNotContain(sealed.ciphertext());
    }

    @Property
    void opensAtNoOtherPlace(
            @ForAll("secrets") String text, @ForAll("places") SecretPlace place, @ForAll("places") SecretPlace other) {
        SealedSecret sealed = sealer.seal(Secret.of(text), place);

        if (!place.equals(other)) {
            assertRefused(sealed.text(), other);
        }
    }

    /** The parts of a place shifted by a letter: what a concatenation would take for the same. */
    @Property
    void aPartThatMovesToItsNeighbourIsAnotherPlace(
            @ForAll("names") String owner,
            @ForAll("names") String field,
            @ForAll @IntRange(min = 1, max = 8) int moved) {
        String all = owner + field;
        int cut = Math.min(moved, all.length() - 1);
        SecretPlace place = new SecretPlace(TenantId.DEFAULT, owner, field);
        SecretPlace shifted = new SecretPlace(TenantId.DEFAULT, all.substring(0, cut), all.substring(cut));

        if (!place.equals(shifted)) {
            assertRefused(sealer.seal(Secret.of("x"), place).text(), shifted);
        }
    }

    @Property
    void opensNothingThatWasAltered(
            @ForAll("secrets") String text,
            @ForAll("places") SecretPlace place,
            @ForAll @IntRange(max = 1 << 20) int where) {
        SealedSecret sealed = sealer.seal(Secret.of(text), place);
        byte[] token = Base64.getUrlDecoder().decode(sealed.ciphertext());
        int bit = where % (token.length * 8);
        token[bit / 8] ^= (byte) (1 << bit % 8);

        assertRefused(sealed.keyId() + "." + Base64.getUrlEncoder().encodeToString(token), place);
    }

    @Property
    void opensNothingThatWasCutOrGrew(
            @ForAll("secrets") String text,
            @ForAll("places") SecretPlace place,
            @ForAll @IntRange(max = 1 << 20) int where,
            @ForAll @NotEmpty String more) {
        String sealed = sealer.seal(Secret.of(text), place).text();
        int from = sealed.indexOf('.') + 1;
        int cut = from + where % (sealed.length() - from);

        assertRefused(sealed.substring(0, cut), place);
        assertRefused(sealed + more, place);
        assertRefused(sealed.substring(0, cut) + more + sealed.substring(cut), place);
    }

    @Property
    void anyTextIsOpenedOrRefused(@ForAll String text) {
        Fernet fernet = new Fernet(new byte[32], InstantSource.system(), Randomness.SOURCE);

        assertThatThrownBy(() -> fernet.decrypt(text)).isInstanceOf(CryptoException.Tampered.class);
        assertThatThrownBy(() -> fernet.decrypt("gAAAAAB" + text)).isInstanceOf(CryptoException.Tampered.class);
    }

    /** Sealed under whatever was first at the time; the keyring then holds all keys, in any order. */
    @Property(tries = 200)
    void anyHistoryOfKeysOpens(@ForAll @Size(min = 1, max = 6) List<@IntRange(max = 3) Integer> history) {
        List<Secret> keys = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            keys.add(Secret.of(OAuthCrypto.generateKey()));
        }
        SecretPlace place = new SecretPlace(TenantId.DEFAULT, "row", "field");
        SecretSealer all = new SecretSealer(Keyring.of(keys));
        for (int primary : history) {
            List<Secret> order = new ArrayList<>(keys);
            order.addFirst(order.remove(primary));
            SecretSealer then = new SecretSealer(Keyring.of(order));
            SealedSecret sealed = then.seal(Secret.of("x"), place);

            assertThat(sealed.keyId()).isEqualTo(Keyring.of(order).primaryId());
            assertThat(all.unseal(sealed, place)).isEqualTo(Secret.of("x"));
            List<Secret> without = new ArrayList<>(keys);
            without.remove(primary);
            assertThatThrownBy(() -> new SecretSealer(Keyring.of(without)).unseal(sealed, place))
                    .isInstanceOf(CryptoException.UnknownKey.class);
        }
    }

    private void assertRefused(String sealed, SecretPlace place) {
        assertThatThrownBy(() -> sealer.unseal(new SealedSecret(sealed), place))
                .isInstanceOf(CryptoException.Tampered.class)
                .hasMessageNotContaining(sealed);
    }

    /** Texts with a UTF-8 form. */
    @Provide
    Arbitrary<String> secrets() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(300)
                .filter(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab:.|").ofMinLength(1).ofMaxLength(5);
    }

    @Provide
    Arbitrary<SecretPlace> places() {
        return Combinators.combine(Arbitraries.of("a", "b", "ab"), names(), names(), vars())
                .as((tenant, owner, field, vars) -> new SecretPlace(new TenantId(tenant), owner, field, vars));
    }

    private Arbitrary<Map<String, String>> vars() {
        return Arbitraries.maps(names(), names()).ofMaxSize(2);
    }
}
