package io.nexus.oauth.event;

/**
 * The seal of one line of the audit trail.
 *
 * @param seq its place in the chain, without gaps; 0 is the beginning, before any line
 * @param eventId the line's number
 * @param keyId the id of the master key
 * @param mac over the line, the place and the entry before, as hex
 */
public record ChainEntry(long seq, long eventId, String keyId, String mac) {

    /** What stands before the first line. */
    public static final ChainEntry GENESIS = new ChainEntry(0, 0, "", "");
}
