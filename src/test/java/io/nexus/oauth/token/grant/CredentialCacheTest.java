package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.SealedSecret;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CredentialCacheTest {

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
}
