package io.nexus.oauth.store.journal;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/** A record as a later version might write it: undamaged, but not of the form known here. */
final class Foreign {

    private Foreign() {}

    static ByteBuffer record() {
        ByteBuffer record = JournalCodec.encode(new JournalRecord.Written(Journals.entry(new Random(6), 50), 7));
        record.put(JournalCodec.HEADER, (byte) 2);
        CRC32C crc = new CRC32C();
        crc.update(record.slice(4, 4));
        crc.update(record.slice(JournalCodec.HEADER, record.remaining() - JournalCodec.HEADER));
        return record.putInt(12, (int) crc.getValue());
    }
}
