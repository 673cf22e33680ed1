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
     * How long a one-time link is valid if its request has no {@code expires_in}. Seven days at most. A link in a mail needs days; an
     * application that redirects its user at once needs minutes.
     */
    @WithDefault("1d")
    Duration lifetime();

    /**
     * The URLs to which the browser may return afterwards. The service compares scheme, host, port and path exactly and ignores the
     * query. Without a return URL the service shows its own result page.
     */
    Optional<List<URI>> returnUrls();

    /**
     * The origins of pages that may open a link in a pop-up window and hear its end, each as {@code https://host} or {@code
     * https://host:port}. The service compares them exactly.
     */
    Optional<List<String>> origins();

    /** How long a caller can query a connect session after its end. */
    @WithDefault("1d")
    Duration remembered();
}
