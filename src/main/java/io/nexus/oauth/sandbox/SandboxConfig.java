package io.nexus.oauth.sandbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** The sandbox: the authorization server of local mode, which makes it possible to try the service without an account anywhere. */
@ConfigMapping(prefix = "nexus.oauth.sandbox")
interface SandboxConfig {

    /** Whether the sandbox answers. Local mode sets {@code true}. In production the service does not start with it. */
    @WithDefault("false")
    boolean enabled();

    /** How long an access token of the sandbox is valid. A short time lets you watch a refresh. */
    @WithDefault("2m")
    Duration accessTokenLifetime();

    /** How long an authorization code can be exchanged. RFC 6749 section 4.1.2 allows at most ten minutes. */
    @WithDefault("60s")
    Duration codeLifetime();

    /** How long a user may take on the consent page. */
    @WithDefault("10m")
    Duration consentLifetime();

    /** The file that holds the grants of the sandbox. With it a token still refreshes after a restart. */
    @WithDefault("${nexus.oauth.home}/sandbox.json")
    Path stateFile();
}
