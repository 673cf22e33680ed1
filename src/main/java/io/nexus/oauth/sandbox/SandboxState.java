package io.nexus.oauth.sandbox;

import jakarta.inject.Singleton;
import java.time.Clock;

/** What the sandbox remembers. */
@Singleton
class SandboxState {

    private final SandboxGrants grants;
    private final AuthorizationCodes codes;
    private final ExpiringValues<PendingConsent> consents;

    SandboxState(SandboxConfig config, Clock clock) {
        this.grants = new SandboxGrants(new GrantFile(config.stateFile()), clock, config.accessTokenLifetime());
        this.codes = new AuthorizationCodes(clock, config.codeLifetime(), grants);
        this.consents = new ExpiringValues<>(clock, config.consentLifetime());
    }

    SandboxGrants grants() {
        return grants;
    }

    AuthorizationCodes codes() {
        return codes;
    }

    /** Requests whose page is open, by the id in the page's form. */
    ExpiringValues<PendingConsent> consents() {
        return consents;
    }
}
