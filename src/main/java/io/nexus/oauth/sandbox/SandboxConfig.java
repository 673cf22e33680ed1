package io.nexus.oauth.sandbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** The settings of the sandbox. */
@ConfigMapping(prefix = "nexus.oauth.sandbox")
interface SandboxConfig {

    /** Whether the sandbox is active. Local mode enables it; in any other mode the service refuses to start with it. */
    @WithDefault("false")
    boolean enabled();

    /** The lifetime of an access token; short, so that people can watch a refresh. */
    @WithDefault("2m")
    Duration accessTokenLifetime();

    /** The lifetime of an authorization code; RFC 6749 section 4.1.2 recommends ten minutes at most. */
    @WithDefault("60s")
    Duration codeLifetime();

    /** The time limit for the user's answer on the consent page. */
    @WithDefault("10m")
    Duration consentLifetime();

    /** The file with the grants, so that a token still refreshes after a restart. */
    @WithDefault("${nexus.oauth.home}/sandbox.json")
    Path stateFile();
}
