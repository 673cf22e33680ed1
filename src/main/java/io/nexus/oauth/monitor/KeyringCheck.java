package io.nexus.oauth.monitor;

import io.nexus.oauth.crypto.Keyring;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that there is a key to seal under. */
@Readiness
@ApplicationScoped
class KeyringCheck implements HealthCheck {

    private final Keyring keyring;

    KeyringCheck(Keyring keyring) {
        this.keyring = keyring;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("keyring")
                .up()
                .withData("primary", keyring.primaryId())
                .withData("keys", keyring.ids().size())
                .build();
    }
}
