package io.nexus.oauth.event;

/**
 * The start of the audit chain after older events were deleted.
 *
 * @param seq the sequence number of the last deleted entry
 * @param eventId the number of the event of that entry
 * @param chainMac the seal of that entry
 * @param keyId the id of the master key that seals this checkpoint
 * @param mac the HMAC over all other components, as hex
 */
public record ChainCheckpoint(long seq, long eventId, String chainMac, String keyId, String mac) {

    /** The deleted entry that it stands for. */
    public ChainEntry entry() {
        return new ChainEntry(seq, eventId, keyId, chainMac);
    }
}
