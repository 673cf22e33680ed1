package io.nexus.oauth.web.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.SocketAddress;
import org.junit.jupiter.api.Test;

class AddressLimitTest {

    private static final SocketAddress OTHER = SocketAddress.inetSocketAddress(1, "192.0.2.1");

    private final AddressLimit limit = new AddressLimit(3);

    @Test
    void anAddressIsAdmittedAsOftenAsTheLimitSays() {
        for (int i = 0; i < 3; i++) {
            assertThat(limit.admits(OTHER)).isTrue();
        }
        assertThat(limit.admits(OTHER)).isFalse();
        assertThat(limit.admits(SocketAddress.inetSocketAddress(1, "192.0.2.2")))
                .isTrue();
    }

    /** Somebody with a /32 of IPv6 has four thousand million networks. */
    @Test
    void veryManyAddressesAreForgottenAndAnotherIsAdmitted() {
        for (int i = 0; i < 2 * AddressLimit.MAX_ADDRESSES; i++) {
            String network = "2001:db8:" + Integer.toHexString(i >> 16) + ":" + Integer.toHexString(i & 0xffff);
            assertThat(limit.admits(SocketAddress.inetSocketAddress(1, network + "::1")))
                    .isTrue();
        }

        assertThat(limit.size()).isLessThanOrEqualTo(AddressLimit.MAX_ADDRESSES);
        assertThat(limit.admits(OTHER)).isTrue();
    }
}
