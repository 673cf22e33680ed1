package io.nexus.oauth.audit;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.KeyedDigest;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainedEvent;
import jakarta.enterprise.context.ApplicationScoped;

/** Computes and checks the seals of the chain, under a key that is not in the database. */
@ApplicationScoped
class ChainMac {

    private static final String PURPOSE = "audit-chain";

    private final SecretSealer sealer;

    ChainMac(SecretSealer sealer) {
        this.sealer = sealer;
    }

    /** The entry for {@code line} behind {@code before}. */
    ChainEntry next(ChainEntry before, ChainedEvent line) {
        KeyedDigest digest = sealer.digest(PURPOSE, text(before, before.seq() + 1, line));
        return new ChainEntry(before.seq() + 1, line.id(), digest.keyId(), digest.hex());
    }

    /**
     * Whether {@code entry} is the seal of {@code line} behind {@code before}. Throws {@code
     * CryptoException.UnknownKey}.
     */
    boolean matches(ChainEntry before, ChainEntry entry, ChainedEvent line) {
        return sealer.matches(new KeyedDigest(entry.keyId(), entry.mac()), PURPOSE, text(before, entry.seq(), line));
    }

    /** The checkpoint for a chain that starts behind {@code last}. */
    ChainCheckpoint checkpoint(ChainEntry last) {
        KeyedDigest digest = sealer.digest(PURPOSE, text(last.seq(), last.eventId(), last.mac()));
        return new ChainCheckpoint(last.seq(), last.eventId(), last.mac(), digest.keyId(), digest.hex());
    }

    /** Whether this service signed {@code checkpoint}. Throws {@code CryptoException.UnknownKey}. */
    boolean matches(ChainCheckpoint checkpoint) {
        return sealer.matches(
                new KeyedDigest(checkpoint.keyId(), checkpoint.mac()),
                PURPOSE,
                text(checkpoint.seq(), checkpoint.eventId(), checkpoint.chainMac()));
    }

    private static Secret text(ChainEntry before, long seq, ChainedEvent line) {
        return Secret.of("line|" + before.mac() + "|" + seq + "|" + line.text());
    }

    private static Secret text(long seq, long eventId, String mac) {
        return Secret.of("checkpoint|" + seq + "|" + eventId + "|" + mac);
    }
}
