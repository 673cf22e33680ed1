package io.nexus.oauth.crypto;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.TenantId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiveKeyringTest {

    private static final SecretPlace PLACE = new SecretPlace(new TenantId("acme"), "42", "refresh_token");
    private static final Secret SECRET = Secret.of("refresh");

    private final String old = MasterKey.generate();
    private final String young = MasterKey.generate();
    private List<String> files = List.of(old);
    private final LiveKeyring keyring = Keyrings.live(() -> files);
    private final SecretSealer sealer = Keyrings.sealer(keyring);

    @Test
    void newKeyOpensAtOnceAndSealsWhenEveryReplicaHoldsIt() {
        keyring.setOtherReplicas(List.of(Set.of(id(old))), List.of());
        files = List.of(young, old);

        assertThat(keyring.reread().added()).containsExactly(id(young));
        assertThat(keyring.ids()).containsExactly(id(young), id(old));
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        assertThat(keyring.primaryId()).isEqualTo(id(young));

        keyring.setOtherReplicas(List.of(Set.of(id(old), id(young))), List.of(Set.of(id(old))));
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        keyring.setOtherReplicas(List.of(Set.of(id(old), id(young))), List.of());
        assertThat(keyring.sealingId()).isEqualTo(id(young));
        assertThat(sealer.seal(SECRET, PLACE).keyId()).isEqualTo(id(young));
        assertThat(sealer.sealsUnder(id(young))).isTrue();
    }

    @Test
    void lastKeySealsBeforeTheOthersAreHeard() {
        files = List.of(young, old);
        LiveKeyring started = Keyrings.live(() -> files);

        assertThat(started.knowsOtherReplicas()).isFalse();
        assertThat(started.sealingId()).isEqualTo(id(old));
        started.setOtherReplicas(List.of(), List.of());
        assertThat(started.knowsOtherReplicas()).isTrue();
        assertThat(started.sealingId()).isEqualTo(id(young));
    }

    @Test
    void whoHasNoKeyInCommonWithElderReplicasSealsNothing() {
        files = List.of(young);
        LiveKeyring stranger = Keyrings.live(() -> files);
        SecretSealer strange = Keyrings.sealer(stranger);
        assertThat(strange.canSeal()).isFalse();
        KeyedDigest digest = strange.digest("purpose", SECRET);

        stranger.setOtherReplicas(List.of(Set.of(id(old)), Set.of(id(young), id(old))), List.of(Set.of(id(young))));

        assertThat(stranger.seals()).isFalse();
        assertThat(strange.canSeal()).isFalse();
        assertThat(stranger.sharesKeyWith(Set.of(id(young)))).isFalse();
        assertThatExceptionOfType(CryptoException.NoCommonKey.class).isThrownBy(() -> strange.seal(SECRET, PLACE));
        assertThatExceptionOfType(CryptoException.NoCommonKey.class)
                .isThrownBy(() -> strange.digest("purpose", SECRET));
        assertThat(strange.matches(digest, "purpose", SECRET)).isTrue();
        // nobody renews a digest with nothing
        assertThat(strange.sealsUnder(id(old))).isTrue();
        // the only copy of a token is kept all the same
        assertThat(strange.unseal(strange.sealAnswer(SECRET, PLACE), PLACE)).isEqualTo(SECRET);

        files = List.of(young, old);
        stranger.reread();
        assertThat(strange.canSeal()).isTrue();
        assertThat(stranger.sealingId()).isEqualTo(id(old));
    }

    @Test
    void earlierReplicasGoOnWithoutTheStranger() {
        keyring.setOtherReplicas(List.of(), List.of(Set.of(id(young)), Set.of(id(young), id(old))));

        assertThat(sealer.canSeal()).isTrue();
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        assertThat(keyring.sharesKeyWith(Set.of(id(young)))).isFalse();
        assertThat(keyring.sharesKeyWith(Set.of(id(young), id(old)))).isTrue();
    }

    // better than a replica that cannot write: who restarts without it shows that it is missing
    @Test
    void keyThatIsOnlyKeptSealsWhileTheOthersHoldNoOther() {
        files = List.of(young);
        keyring.reread();

        keyring.setOtherReplicas(List.of(Set.of(id(old))), List.of());
        assertThat(sealer.canSeal()).isTrue();
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        keyring.setOtherReplicas(List.of(Set.of(id(young), id(old))), List.of());
        assertThat(keyring.sealingId()).isEqualTo(id(young));
    }

    @Test
    void vanishedKeyOpensUntilItIsForgotten() {
        keyring.setOtherReplicas(List.of(), List.of());
        SealedSecret sealed = sealer.seal(SECRET, PLACE);
        files = List.of(young);

        assertThat(keyring.reread().vanished()).containsExactly(id(old));
        assertThat(keyring.kept()).containsExactly(id(old));
        assertThat(keyring.sealingId()).isEqualTo(id(young));
        assertThat(sealer.unseal(sealed, PLACE)).isEqualTo(SECRET);

        keyring.forget(id(young));
        keyring.forget(id(old));
        assertThat(keyring.ids()).containsExactly(id(young));
        assertThat(keyring.isUnknownKeyRequested()).isFalse();
        assertThatExceptionOfType(CryptoException.UnknownKey.class).isThrownBy(() -> sealer.unseal(sealed, PLACE));
        assertThat(keyring.isUnknownKeyRequested()).isTrue();

        files = List.of(young, old);
        keyring.reread();
        assertThat(keyring.isUnknownKeyRequested()).isFalse();
        assertThat(sealer.unseal(sealed, PLACE)).isEqualTo(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c2hvcnQ=", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    void keyThatCannotBeUsedChangesNothingAndIsToldOnce(String bad) {
        keyring.setOtherReplicas(List.of(), List.of());
        files = List.of(bad, old);

        assertThat(keyring.reread().problem()).isPresent();
        assertThat(keyring.reread().problem()).isEmpty();
        assertThat(keyring.problem()).isPresent();
        assertThat(keyring.ids()).containsExactly(id(old));
        assertThat(keyring.sealingId()).isEqualTo(id(old));

        files = List.of(young, old);
        keyring.reread();
        assertThat(keyring.problem()).isEmpty();
        assertThat(keyring.ids()).containsExactly(id(young), id(old));
    }

    @Test
    void keyThatIsThereTwiceChangesNothing() {
        files = List.of(young, old, young);

        assertThat(keyring.reread().problem())
                .get()
                .asString()
                .contains("already")
                .doesNotContain(young);
        assertThat(keyring.ids()).containsExactly(id(old));
    }
}
