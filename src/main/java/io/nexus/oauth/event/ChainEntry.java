package io.nexus.oauth.event;

/**
 * The seal of one event of the audit trail.
 *
 * @param seq its sequence number in the chain, without gaps; 0 is the start, before any event
 * @param eventId the number of the event
 * @param keyId the id of the master key
 * @param mac the HMAC over the event, the sequence number and the entry before, as hex
 */
public record ChainEntry(long seq, long eventId, String keyId, String mac) {

    /** The entry before the first event. */
    public static final ChainEntry GENESIS = new ChainEntry(0, 0, "", "");
}
