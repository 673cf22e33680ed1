package io.nexus.oauth.event;

/** What the audit trail itself has to tell, for metrics. Every text is from a closed set. */
public sealed interface AuditSignal {

    /**
     * Somebody changed what is stored behind the service's back.
     *
     * @param kind {@code credential_rolled_back} or {@code chain_broken}
     */
    record Alarm(String kind) implements AuditSignal {}

    /**
     * Events that left no line, because too many wait to be written.
     *
     * @param operation what they are called in the trail
     */
    record Dropped(String operation, long times) implements AuditSignal {}

    /** A caller asked for what its roles do not allow. */
    record Denied() implements AuditSignal {}

    /**
     * How far the chain is.
     *
     * @param head the place of its last entry
     * @param waiting how many numbers the trail is ahead of it
     */
    record Chain(long head, long waiting) implements AuditSignal {}
}
