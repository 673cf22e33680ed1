package io.nexus.oauth.connect;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of the connect flow. */
@ConfigMapping(prefix = "nexus.oauth.connect")
public interface ConnectConfig {

    /** How long a link and its state are valid. Too short: users miss it; longer: a stolen link works longer. */
    @WithDefault("10m")
    Duration lifetime();

    /**
     * The allowed return URLs. Scheme, host, port and path must match exactly; the query is not compared. With none, the
     * browser stays on the result page.
     */
    Optional<List<URI>> returnUrls();

    /** How long an ended session can be read. */
    @WithDefault("1d")
    Duration remembered();
}
