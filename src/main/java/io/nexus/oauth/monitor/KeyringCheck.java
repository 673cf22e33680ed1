package io.nexus.oauth.monitor;

import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.event.Reading;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready means that it was heard which keys the other replicas hold, that one here is common to them, and that none of those who agree
 * seals under a key that is not here. Keys that nobody has and files that cannot be used are named, and stop nobody: what was sealed under other keys works on.
 */
@Readiness
@ApplicationScoped
class KeyringCheck implements HealthCheck {

    private final LiveKeyring keyring;
    private volatile Reading.Keys latest = new Reading.Keys(java.util.List.of());

    KeyringCheck(LiveKeyring keyring) {
        this.keyring = keyring;
    }

    void show(@Observes Reading.Keys keys) {
        latest = keys;
    }

    @Override
    public HealthCheckResponse call() {
        String foreign = ids("foreign");
        HealthCheckResponseBuilder response = HealthCheckResponse.named("keyring")
                .status(keyring.isAgreed() && keyring.seals() && foreign.isEmpty())
                .withData("sealing", keyring.seals() ? keyring.sealingId() : "none, as no key is common")
                .withData("primary", keyring.primaryId())
                .withData("keys", keyring.ids().size());
        name(response, "sealing_elsewhere_and_not_here", foreign);
        name(response, "missing", ids("missing"));
        name(response, "in_memory_only", ids("kept"));
        keyring.problem().ifPresent(problem -> response.withData("problem", problem));
        return response.build();
    }

    private static void name(HealthCheckResponseBuilder response, String what, String ids) {
        if (!ids.isEmpty()) {
            response.withData(what, ids);
        }
    }

    private String ids(String role) {
        return latest.keys().stream()
                .filter(key -> key.role().equals(role))
                .map(Reading.Key::id)
                .collect(Collectors.joining(", "));
    }
}
