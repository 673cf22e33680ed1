package io.nexus.oauth.monitor;

import io.nexus.oauth.access.policy.PolicyFile;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Reports whether the policy file is rejected. The replica stays ready, because all replicas keep using the previous
 * policies.
 */
@Readiness
@ApplicationScoped
class PolicyFileCheck implements HealthCheck {

    private final PolicyFile file;

    PolicyFileCheck(PolicyFile file) {
        this.file = file;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("policy-file")
                .up()
                .withData("state", !file.isConfigured() ? "none" : file.isRejected() ? "rejected" : "valid")
                .withData("policies", file.size())
                .build();
    }
}
