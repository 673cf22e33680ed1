package io.nexus.oauth.sandbox;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Keeps an authorization server that lets anybody be anybody out of everything but a local run. */
@Singleton
class SandboxGuard {

    private final boolean enabled;
    private final String mode;

    SandboxGuard(SandboxConfig config, @ConfigProperty(name = "nexus.oauth.mode") Optional<String> mode) {
        this.enabled = config.enabled();
        this.mode = mode.orElse("not set");
    }

    void check(@Observes StartupEvent event) {
        if (enabled && !mode.equals("local")) {
            throw new ConfigurationException("nexus.oauth.sandbox.enabled is true but nexus.oauth.mode is " + mode
                    + ": the sandbox asks nobody for a password and runs in local mode only. Set it to false.");
        }
    }
}
