package io.nexus.oauth.token.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientLimitersTest {

    private final RefreshConfig config = (RefreshConfig) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {RefreshConfig.class}, (proxy, method, arguments) -> 4);
    private final ClientLimiters limiters = new ClientLimiters(
            new ClientRegistrations(null, null, null, null, null, null) {
                @Override
                Uni<Boolean> isOwn(TenantId tenant, String provider) {
                    return Uni.createFrom().item(true);
                }
            },
            config,
            null);

    /** Ten thousand limiters are kept. A limiter that is displaced forgets its open circuit. */
    @Test
    void aTenantWithEverNewClientsDisplacesNobody() {
        ClientLimiter other = of("other", "google", "client");
        ClientLimiter own = of("hostile", "github", "client");

        for (int i = 0; i < 20_000; i++) {
            of("hostile", "google", "client-" + i);
        }

        assertThat(of("other", "google", "client")).isSameAs(other);
        assertThat(of("hostile", "github", "client")).isSameAs(own);
        assertThat(limiters.size()).isEqualTo(3);
    }

    private ClientLimiter of(String tenant, String provider, String clientId) {
        return limiters.of(
                        new TenantId(tenant),
                        new ClientRegistration(provider, clientId, null, Scopes.NONE, null, Map.of()))
                .await()
                .indefinitely();
    }
}
