package io.nexus.oauth.event;

/**
 * Where the chain of the audit trail starts since what was older was deleted.
 *
 * @param seq the place of the last entry that was deleted
 * @param eventId the number of its line
 * @param chainMac its seal
 * @param keyId the id of the master key of this checkpoint
 * @param mac over all of this, as hex
 */
public record ChainCheckpoint(long seq, long eventId, String chainMac, String keyId, String mac) {

    /** The entry that it stands for. */
    public ChainEntry entry() {
        return new ChainEntry(seq, eventId, keyId, chainMac);
    }
}
