package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.testing.SampleCredential;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class CredentialCacheTest extends TokenFixture {

    @Inject
    CredentialCache cache;

    /** The memory of later tests. */
    @AfterEach
    void forget() {
        cache.missed();
    }

    /** A caller may import tokens of 64 KB, and 100,000 of them would need 17 GB. */
    @Test
    void longTokensWeighMore() {
        SealedSecret small = new SealedSecret("id.t");
        SealedSecret large = new SealedSecret("id." + "t".repeat(87_000));

        assertThat(CredentialCache.weight(small, null, Map.of())).isBetween(1_000, 1_100);
        assertThat(CredentialCache.weight(large, large, Map.of("a", "v".repeat(1_000))))
                .isGreaterThan(175_000);
        assertThat(CredentialCache.MAX_WEIGHT)
                .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 4);
    }

    /** A caller chooses up to 6,656 characters of it, which are more than a short token has. */
    @Test
    void theRequestOfAMachineConnectionWeighs() {
        TokenRequest request = new TokenRequest(
                Scopes.of(List.of("s".repeat(2_000))), "a".repeat(512), List.of("urn:" + "r".repeat(500)));

        assertThat(CredentialCache.weight(SampleCredential.machine(request))).isGreaterThan(4_000);
    }

    /** The tokens of the hostile tenant are one text in this test, so that they need no memory. */
    @Test
    void longTokensOfATenantTakeAQuarterOfTheHeapAndAnotherIsReadAgain() {
        StoredCredential other = connect("steady");
        get(other);
        int length = (int) (CredentialCache.MAX_WEIGHT / 40);
        SealedSecret large = new SealedSecret("id." + "t".repeat(length));

        for (int i = 0; i < 200; i++) {
            cache.cache(SampleCredential.of("hostile", "user-" + i, "client", large), cache.changes());
        }

        assertThat(cache.weight()).isBetween(CredentialCache.MAX_WEIGHT / 2, CredentialCache.MAX_WEIGHT);
        assertStillRead(other);
    }

    @Test
    void theNamesOfATenantAreBoundedAndAnotherIsReadAgain() {
        StoredCredential other = connect("steady");
        get(other);

        for (int i = 0; i < 150_000; i++) {
            cache.cache(SampleCredential.of("hostile", "user-" + i, "client"), cache.changes());
        }

        assertThat(cache.names()).isEqualTo(CredentialCache.MAX_ENTRIES);
        assertStillRead(other);
    }

    private void assertStillRead(StoredCredential other) {
        assertThat(await(tokens.getValidToken(other.account(), TokenQuery.DEFAULT))
                        .value())
                .isEqualTo(get(other).value());
        assertThat(cache.warm(other.account())).as("one read makes it warm").isPresent();
    }
}
