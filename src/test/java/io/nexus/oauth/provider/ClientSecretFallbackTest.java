package io.nexus.oauth.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.rest.LogCapture;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The clients that were logged. A tenant may register ever new clients with a wrong first secret. */
class ClientSecretFallbackTest {

    private final ClientSecretFallback secrets = new ClientSecretFallback("google");

    @Test
    void theLoggedClientsOfATenantAreBoundedAndThatOfAnotherIsLoggedOnceMoreAtMost() {
        try (LogCapture log = LogCapture.open()) {
            for (int i = 0; i < 3_000; i++) {
                assertThat(send("hostile-" + i)).isEqualTo("accepted");
                if (i % 10 == 0) {
                    assertThat(send("other")).isEqualTo("accepted");
                }
            }

            assertThat(ClientSecretFallback.remembered()).isLessThanOrEqualTo(1_000);
            assertThat(log.lines().stream().filter(line -> line.contains("of client other ")))
                    .hasSizeBetween(1, 2);
        }
    }

    private String send(String client) {
        ClientRegistration registration = new ClientRegistration(
                "google", client, Secret.of("first"), Secret.of("second"), Scopes.NONE, null, Map.of());
        return secrets.send(
                        registration,
                        registration.second(ClientAuth.POST),
                        "refused"::equals,
                        unsent -> false,
                        each -> Uni.createFrom()
                                .item(Secret.of("first").equals(each.clientSecret()) ? "refused" : "accepted"))
                .await()
                .indefinitely();
    }
}
