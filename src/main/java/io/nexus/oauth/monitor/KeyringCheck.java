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
 * Ready when this replica has read the keys of the other replicas, shares a key with them, and holds every key that the
 * agreeing replicas seal under. The response also names missing keys and unusable key files. Those do not make the replica
 * unready, because secrets under the other keys still open.
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
                .status(keyring.knowsOtherReplicas() && keyring.seals() && foreign.isEmpty())
                .withData("sealing", keyring.seals() ? keyring.sealingId() : "none: no key is common to all replicas")
                .withData("primary", keyring.primaryId())
                .withData("keys", keyring.ids().size());
        add(response, "sealing_elsewhere_and_not_here", foreign);
        add(response, "missing", ids("missing"));
        add(response, "in_memory_only", ids("kept"));
        keyring.problem().ifPresent(problem -> response.withData("problem", problem));
        return response.build();
    }

    private static void add(HealthCheckResponseBuilder response, String field, String ids) {
        if (!ids.isEmpty()) {
            response.withData(field, ids);
        }
    }

    private String ids(String role) {
        return latest.keys().stream()
                .filter(key -> key.role().equals(role))
                .map(Reading.Key::id)
                .collect(Collectors.joining(", "));
    }
}
