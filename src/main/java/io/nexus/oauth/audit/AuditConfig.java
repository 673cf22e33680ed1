package io.nexus.oauth.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long the audit trail is kept. */
@ConfigMapping(prefix = "nexus.oauth.audit")
interface AuditConfig {

    /** How old a line may become; zero keeps all for ever. Less than what your auditors ask for loses evidence. */
    @WithDefault("366d")
    Duration retention();

    /**
     * How many different hand-outs and denials may wait to be written; denials get a fifth of the places at most. More costs memory (some 500 bytes each); with less, lines are
     * lost and counted while the database is away or very many credentials are read within a minute.
     */
    @WithDefault("50000")
    int mostWaiting();
}
