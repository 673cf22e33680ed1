package io.nexus.oauth.store.journal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Damages a journal at random: the reader returns only written records, and finds the undamaged ones after the damage.
 */
class JournalFuzz {

    private static final JournalRecord.Written KNOWN =
            new JournalRecord.Written(Journals.entry(new Random(1), 60), 1_700_000_000_000L);

    @FuzzTest
    void reader(byte[] input) {
        byte[] known = JournalCodec.encode(KNOWN).array();
        ByteBuffer disk = ByteBuffer.allocate(input.length + known.length);
        disk.put(input).put(known).flip();
        JournalReader reader = new JournalReader();

        reader.scan(disk, true);

        boolean found =
                reader.unsettled().stream().anyMatch(record -> record.attempt().equals(KNOWN.attempt()));
        // input that holds the right checksum over a length may swallow what follows, as the disk's own record would
        if (!found && reader.damaged() == input.length) {
            throw new AssertionError("the record after the damage is lost");
        }
    }

    /** A body with a correct checksum, of a later version or of random bytes. */
    @FuzzTest
    void body(byte[] input) {
        JournalCodec.decode(ByteBuffer.wrap(input));
    }
}
