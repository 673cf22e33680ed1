package io.nexus.oauth.connect;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How accounts are connected. */
@ConfigMapping(prefix = "nexus.oauth.connect")
public interface ConnectConfig {

    /** How long a link and its state work. Too short and people miss it; longer only helps who stole it. */
    @WithDefault("10m")
    Duration lifetime();

    /**
     * Where the browser may go afterwards: exact URLs, compared as text without their query. With none, the result page is shown.
     */
    Optional<List<URI>> returnUrls();

    /** How long ended sessions can be asked for. */
    @WithDefault("1d")
    Duration remembered();
}
