package io.nexus.oauth.sandbox;

import jakarta.inject.Singleton;
import java.time.Clock;

/** What the sandbox remembers. */
@Singleton
class Sandbox {

    private final Grants grants;
    private final Codes codes;
    private final ShortLived<Consent> consents;

    Sandbox(SandboxConfig config, Clock clock) {
        this.grants = new Grants(new GrantFile(config.stateFile()), clock, config.accessTokenLifetime());
        this.codes = new Codes(clock, config.codeLifetime(), grants);
        this.consents = new ShortLived<>(clock, config.consentLifetime());
    }

    Grants grants() {
        return grants;
    }

    Codes codes() {
        return codes;
    }

    /** Requests whose page is open, by the id in the page's form. */
    ShortLived<Consent> consents() {
        return consents;
    }
}
