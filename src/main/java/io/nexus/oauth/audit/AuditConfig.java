package io.nexus.oauth.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long the audit trail is kept. */
@ConfigMapping(prefix = "nexus.oauth.audit")
interface AuditConfig {

    /**
     * How long audit records are kept; zero keeps them forever. A shorter time than your auditors require loses
     * evidence.
     */
    @WithDefault("366d")
    Duration retention();

    /**
     * How many different records of issued tokens and denials may wait in memory; denials use a fifth of them at most.
     * A higher value costs memory (some 500 bytes each). When the limit is reached, because the database is unavailable
     * or very many credentials are read within a minute, further records are lost and counted.
     */
    @WithDefault("50000")
    int mostWaiting();
}
