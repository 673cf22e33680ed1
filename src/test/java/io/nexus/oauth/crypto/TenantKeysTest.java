package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.TenantId;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TenantKeysTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId BETA = new TenantId("beta");
    private static final Secret TOKEN = Secret.of("a token");

    private final Keyring keyring = Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey())));
    private final TenantKeys keys = new TenantKeys();
    private final SecretSealer sealer = new SecretSealer(keyring, keys);
    private SealedTenantKey stored;

    @BeforeEach
    void learn() {
        stored = TenantKeys.draw(ACME, sealer);
        keys.learn(ACME, List.of(stored), sealer);
        keys.learn(BETA, List.of(TenantKeys.draw(BETA, sealer)), sealer);
    }

    @Test
    void secretTakesBothKeys() {
        SealedSecret sealed = sealer.seal(TOKEN, place(ACME));

        assertThat(sealed.keyId()).isEqualTo(keyring.primaryId());
        assertThat(sealed.tenantKeyId()).contains(stored.id());
        assertThat(sealer.unseal(sealed, place(ACME))).isEqualTo(TOKEN);
        assertThat(fresh(stored).unseal(sealed, place(ACME))).isEqualTo(TOKEN);

        SecretSealer strange = new SecretSealer(Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey()))), keys);
        assertThatExceptionOfType(CryptoException.UnknownKey.class)
                .isThrownBy(() -> strange.unseal(sealed, place(ACME)));
        assertThatExceptionOfType(CryptoException.TenantKeyUnavailable.class)
                .isThrownBy(() -> new SecretSealer(keyring).unseal(sealed, place(ACME)));
        assertThatExceptionOfType(CryptoException.TenantKeyUnavailable.class)
                .isThrownBy(() -> new SecretSealer(keyring, new TenantKeys()).unseal(sealed, place(ACME)));
    }

    @Test
    void anotherKeyUnderTheSameIdDoesNotOpenIt() {
        SealedSecret sealed = sealer.seal(TOKEN, place(ACME));
        SealedTenantKey other = TenantKeys.draw(ACME, sealer);
        TenantKeys forged = new TenantKeys();
        SealedTenantKey renamed = new SealedTenantKey(
                ACME,
                stored.id(),
                sealer.sealUnderMaster(
                        sealer.unseal(other.sealed(), SecretPlace.ofTenantKey(ACME, other.id())),
                        SecretPlace.ofTenantKey(ACME, stored.id())));
        forged.learn(ACME, List.of(renamed), sealer);

        assertThatExceptionOfType(CryptoException.Tampered.class)
                .isThrownBy(() -> new SecretSealer(keyring, forged).unseal(sealed, place(ACME)));
    }

    /** A writer of the database moves texts and leaves out what names the tenant's key. */
    @Test
    void textOpensUnderNothingLess() {
        SealedSecret sealed = sealer.seal(TOKEN, place(ACME));
        SealedSecret shortened = new SealedSecret(sealed.keyId() + "." + sealed.ciphertext());
        assertThatExceptionOfType(CryptoException.Tampered.class)
                .isThrownBy(() -> sealer.unseal(shortened, place(ACME)));

        SealedSecret plain = sealer.sealUnderMaster(TOKEN, place(ACME));
        assertThat(plain.tenantKeyId()).isEmpty();
        assertThat(sealer.unseal(plain, place(ACME))).isEqualTo(TOKEN);
        SealedSecret lengthened = new SealedSecret(plain.keyId() + "." + stored.id() + ":" + plain.ciphertext());
        assertThatExceptionOfType(CryptoException.Tampered.class)
                .isThrownBy(() -> sealer.unseal(lengthened, place(ACME)));
    }

    @Test
    void keyOfOneTenantIsNotTakenForAnother() {
        SealedTenantKey moved = new SealedTenantKey(BETA, stored.id(), stored.sealed());
        TenantKeys deceived = new TenantKeys();
        assertThat(deceived.learn(BETA, List.of(moved), sealer).get(stored.id()))
                .isInstanceOf(CryptoException.Tampered.class);
        assertThat(deceived.isKnown(BETA)).isFalse();
        SealedSecret sealed = sealer.seal(TOKEN, place(ACME));
        assertThatExceptionOfType(CryptoException.UnknownKey.class)
                .isThrownBy(() -> sealer.unseal(sealed, place(BETA)));
        assertThat(keys.holds(ACME, stored.id())).isTrue();
        assertThat(keys.holds(BETA, stored.id())).isFalse();
    }

    @Test
    void nothingOpensOrIsSealedForATenantThatWasShredded() {
        SealedSecret sealed = sealer.seal(TOKEN, place(ACME));
        SealedSecret others = sealer.seal(TOKEN, place(BETA));

        assertThat(keys.destroy(ACME)).isTrue();
        assertThat(keys.destroy(ACME)).isFalse();

        assertThatExceptionOfType(CryptoException.TenantShredded.class)
                .isThrownBy(() -> sealer.unseal(sealed, place(ACME)));
        assertThatExceptionOfType(CryptoException.TenantShredded.class)
                .isThrownBy(() -> sealer.seal(TOKEN, place(ACME)));
        assertThatExceptionOfType(CryptoException.TenantShredded.class).isThrownBy(() -> keys.isKnown(ACME));
        assertThat(sealer.unseal(others, place(BETA))).isEqualTo(TOKEN);
        assertThat(keys.tenants()).containsExactly(BETA);
        assertThat(keys.shredded()).containsExactly(ACME);
        assertThat(keys.wrapped(ACME, sealer)).isEmpty();
    }

    // somebody read the key before it was destroyed, and learns it after
    @Test
    void whatWasDestroyedIsNotLearntAgain() {
        keys.destroy(ACME);
        keys.learn(ACME, List.of(stored), sealer);

        assertThatExceptionOfType(CryptoException.TenantShredded.class).isThrownBy(() -> keys.isKnown(ACME));
    }

    // the database forgot the key and somebody else drew another
    @Test
    void keysThatAreHereStayWhenTheDatabaseHasAnother() {
        SealedSecret before = sealer.seal(TOKEN, place(ACME));
        SealedTenantKey second = TenantKeys.draw(ACME, sealer);

        keys.learn(ACME, List.of(second), sealer);

        assertThat(sealer.unseal(before, place(ACME))).isEqualTo(TOKEN);
        assertThat(sealer.seal(TOKEN, place(ACME)).tenantKeyId()).contains(second.id());
        assertThat(keys.wrapped(ACME, sealer))
                .extracting(SealedTenantKey::id)
                .containsExactly(second.id(), stored.id());
        keys.wrapped(ACME, sealer)
                .forEach(each -> assertThat(sealer.unseal(each.sealed(), SecretPlace.ofTenantKey(ACME, each.id())))
                        .isNotNull());
    }

    @Test
    void printsNoKey() {
        String text = sealer.unseal(stored.sealed(), SecretPlace.ofTenantKey(ACME, stored.id()))
                .reveal();

        assertThat(keys.toString() + TenantKey.of(stored.id(), Secret.of(text)) + stored)
                .contains("2 tenants", "[tenant key " + stored.id() + "]")
                .doesNotContain(text);
    }

    @Test
    void textThatIsNoKeyIsRefused() {
        for (String text : List.of("short", "!".repeat(43), "A".repeat(44))) {
            SealedSecret sealed = sealer.sealUnderMaster(Secret.of(text), SecretPlace.ofTenantKey(ACME, "00000001"));
            SealedTenantKey broken = new SealedTenantKey(ACME, "00000001", sealed);
            assertThat(new TenantKeys().learn(ACME, List.of(broken, stored), sealer))
                    .as(text)
                    .containsOnlyKeys("00000001")
                    .allSatisfy((id, why) -> assertThat(why).isInstanceOf(CryptoException.Tampered.class));
        }
    }

    private SecretSealer fresh(SealedTenantKey key) {
        TenantKeys read = new TenantKeys();
        read.learn(key.tenant(), List.of(key), sealer);
        return new SecretSealer(keyring, read);
    }

    private static SecretPlace place(TenantId tenant) {
        return new SecretPlace(tenant, "row", "access_token");
    }
}
