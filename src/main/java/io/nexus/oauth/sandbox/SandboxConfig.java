package io.nexus.oauth.sandbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of the sandbox. */
@ConfigMapping(prefix = "nexus.oauth.sandbox")
interface SandboxConfig {

    /** Whether it answers at all. Local mode switches it on; anywhere else the service refuses to start with it. */
    @WithDefault("false")
    boolean enabled();

    /** How long an access token is valid: short, so that a refresh can be watched. */
    @WithDefault("2m")
    Duration accessTokenLifetime();

    /** How long a code can be exchanged; RFC 6749 section 4.1.2 allows ten minutes at most. */
    @WithDefault("60s")
    Duration codeLifetime();

    /** How long the consent page may stay open. */
    @WithDefault("10m")
    Duration consentLifetime();

    /** Where the grants are kept, so that a token still refreshes after a restart. */
    @WithDefault("${nexus.oauth.home}/sandbox.json")
    Path stateFile();
}
