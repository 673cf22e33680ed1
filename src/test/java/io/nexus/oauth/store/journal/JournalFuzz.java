package io.nexus.oauth.store.journal;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Random;

/** Whatever the disk gives back: no record that was not written, and what is whole after the damage is found. */
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

    /** A body whose checksum is right, written by a later version or by nobody. */
    @FuzzTest
    void body(byte[] input) {
        JournalCodec.decode(ByteBuffer.wrap(input));
    }
}
