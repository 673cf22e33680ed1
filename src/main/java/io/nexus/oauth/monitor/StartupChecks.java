package io.nexus.oauth.monitor;

import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyring;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Provider;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Looks at the settings before anybody is served. In production every finding stops the start, and all of them are told at once with
 * their keys. Local mode is exempt from most: it listens on loopback only and makes its own keys.
 */
@ApplicationScoped
class StartupChecks {

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

    private final String mode;
    private final String host;
    private final Optional<URI> publicUrl;
    private final boolean insecureHttp;
    private final Provider<Keyring> keyring;
    private final TimerChecks timers;

    StartupChecks(
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "nexus.oauth.public-url") Optional<URI> publicUrl,
            @ConfigProperty(name = "nexus.oauth.providers.allow-insecure-http", defaultValue = "false")
                    boolean insecureHttp,
            Provider<Keyring> keyring,
            TimerChecks timers) {
        this.mode = mode;
        this.host = host;
        this.publicUrl = publicUrl;
        this.insecureHttp = insecureHttp;
        this.keyring = keyring;
        this.timers = timers;
    }

    void check(@Observes StartupEvent event) {
        List<String> findings = findings();
        if (!findings.isEmpty()) {
            throw new ConfigurationException(
                    "Nexus OAuth does not start with these settings:\n  " + String.join("\n  ", findings));
        }
    }

    List<String> findings() {
        List<String> findings = new ArrayList<>();
        if (!Set.of("production", "local").contains(mode)) {
            findings.add("nexus.oauth.mode: must be production or local");
        }
        findings.addAll(timers.findings());
        if (mode.equals("local")) {
            if (!LOOPBACK.contains(host)) {
                findings.add("quarkus.http.host: local mode serves this machine only, not " + host);
            }
            return findings;
        }
        if (publicUrl.isEmpty()) {
            findings.add("nexus.oauth.public-url: is required; browsers come back to it");
        } else if (!"https".equalsIgnoreCase(publicUrl.get().getScheme())) {
            findings.add("nexus.oauth.public-url: must be https; codes and cookies travel over it");
        }
        if (insecureHttp) {
            findings.add("nexus.oauth.providers.allow-insecure-http: tokens would travel in clear text");
        }
        keyringFinding().ifPresent(findings::add);
        return findings;
    }

    private Optional<String> keyringFinding() {
        try {
            return keyring.get().holdsKnownKey()
                    ? Optional.of("nexus.oauth.encryption: holds a key that everybody knows; make one with "
                            + "openssl rand -base64 32 | tr '+/' '-_'")
                    : Optional.empty();
        } catch (IllegalStateException | CryptoException e) {
            return Optional.of("nexus.oauth.encryption: " + e.getMessage());
        }
    }
}
