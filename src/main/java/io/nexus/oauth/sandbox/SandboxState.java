package io.nexus.oauth.sandbox;

import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The state of the sandbox: grants, codes and open consent pages. */
@Singleton
class SandboxState {

    private final Clock clock;
    private final Duration lifetime;
    private final SandboxGrants grants;
    private final AuthorizationCodes codes;
    private final ExpiringValues<PendingConsent> consents;

    SandboxState(SandboxConfig config, Clock clock) {
        this.clock = clock;
        this.lifetime = config.accessTokenLifetime();
        this.grants = new SandboxGrants(new GrantFile(config.stateFile()), clock, config.accessTokenLifetime());
        this.codes = new AuthorizationCodes(clock, config.codeLifetime(), grants);
        this.consents = new ExpiringValues<>(clock, config.consentLifetime());
    }

    /** How long an access token is valid if its grant says nothing else. */
    Duration lifetime() {
        return lifetime;
    }

    Instant now() {
        return clock.instant();
    }

    SandboxGrants grants() {
        return grants;
    }

    AuthorizationCodes codes() {
        return codes;
    }

    /** Requests with an open consent page, by the id in the page's form. */
    ExpiringValues<PendingConsent> consents() {
        return consents;
    }
}
