package io.nexus.oauth.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.TenantId;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** The places of waiting callers. {@code ConnectFlowTest} waits for real sessions. */
class ConnectSessionWaitsTest {

    private static final TenantId ONE = new TenantId("one");
    private static final TenantId OTHER = new TenantId("other");

    private final ConnectSessionWaits waits = new ConnectSessionWaits(null, null, Clock.systemUTC());

    @Test
    void oneTenantLeavesPlacesForOthers() {
        for (int i = 0; i < ConnectSessionWaits.MAX_OF_TENANT; i++) {
            assertThat(waits.enter(ONE)).isTrue();
        }
        assertThat(waits.enter(ONE)).isFalse();
        assertThat(waits.enter(ONE)).isFalse();

        assertThat(waits.enter(OTHER)).isTrue();
        waits.leave(ONE);
        assertThat(waits.enter(ONE)).isTrue();
        assertThat(waits.enter(ONE)).isFalse();
    }

    @Test
    void allTenantsTogetherHaveABound() {
        for (int i = 0; i < ConnectSessionWaits.MAX; i++) {
            assertThat(waits.enter(new TenantId("t" + i))).isTrue();
        }
        assertThat(waits.enter(ONE)).isFalse();

        waits.leave(new TenantId("t0"));
        assertThat(waits.enter(ONE)).isTrue();
    }
}
