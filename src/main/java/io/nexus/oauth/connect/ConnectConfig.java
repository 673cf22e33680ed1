package io.nexus.oauth.connect;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The flow in which a user connects an account. */
@ConfigMapping(prefix = "nexus.oauth.connect")
public interface ConnectConfig {

    /**
     * How long a one-time link and its state are valid. Users miss links that expire too soon. A longer time helps only a thief of
     * the link.
     */
    @WithDefault("10m")
    Duration lifetime();

    /**
     * The URLs to which the browser may return afterwards. The service compares scheme, host, port and path exactly and ignores the
     * query. Without a return URL the service shows its own result page.
     */
    Optional<List<URI>> returnUrls();

    /** How long a caller can query a connect session after its end. */
    @WithDefault("1d")
    Duration remembered();
}
