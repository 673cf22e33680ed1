package io.nexus.oauth.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The audit trail. */
@ConfigMapping(prefix = "nexus.oauth.audit")
interface AuditConfig {

    /**
     * How long the service keeps a line of the audit trail. {@code 0} keeps every line. Check the value against the rules of your
     * auditors: the service deletes older lines for good.
     */
    @WithDefault("366d")
    Duration retention();

    /**
     * How many different issued tokens and denials may wait in memory to be written. Denials have a fifth of the places, and issued tokens the
     * others. A tenant takes at most half of them, so that other tenants have places too. Each place takes about 500 bytes. Without a
     * place the service drops further lines and counts them in {@code nexus_oauth_audit_dropped_total}. That happens when the database
     * is away, or when callers read very many different credentials within a minute.
     */
    @WithDefault("50000")
    int mostWaiting();
}
