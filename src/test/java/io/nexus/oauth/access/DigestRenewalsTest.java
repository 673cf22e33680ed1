package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.TenantId;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** After a rotation each key that is used has its digest renewed. */
class DigestRenewalsTest {

    private final DigestRenewals renewals = new DigestRenewals(null);

    @Test
    void theRenewalsOfATenantAreBoundedAndTheUseOfAnotherKeyGoesOn() {
        for (int i = 0; i < 2 * DigestRenewals.MAX_WAITING; i++) {
            renewals.add(key("hostile", "hostile-" + i), "old");
        }
        assertThat(renewals.size()).isEqualTo(DigestRenewals.MAX_WAITING);

        renewals.add(key("other", "other"), "old"); // its next use adds it again

        assertThat(renewals.size()).isEqualTo(DigestRenewals.MAX_WAITING);
    }

    private static ApiKey key(String tenant, String id) {
        return new ApiKey(
                id,
                new TenantId(tenant),
                "name",
                Set.of(),
                "digest",
                "terms",
                "tester",
                Instant.EPOCH,
                Instant.MAX,
                null,
                null);
    }
}
