package io.nexus.oauth.event;

/** A signal of the audit trail itself, for metrics. Every text is from a closed set. */
public sealed interface AuditSignal {

    /**
     * Stored data was changed outside the service.
     *
     * @param kind {@code credential_rolled_back} or {@code chain_broken}
     */
    record Alarm(String kind) implements AuditSignal {}

    /**
     * Events that were not recorded, because too many wait to be written.
     *
     * @param operation their operation in the trail
     */
    record Dropped(String operation, long times) implements AuditSignal {}

    /** A caller asked for something that its roles do not allow. */
    record Denied() implements AuditSignal {}

    /**
     * The progress of the chain.
     *
     * @param head the sequence number of its last entry
     * @param waiting how many numbers the trail is ahead of the chain
     */
    record Chain(long head, long waiting) implements AuditSignal {}
}
