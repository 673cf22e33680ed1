package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** What the journal asks of a disk; both block. */
interface JournalDisk {

    JournalDisk REAL = new JournalDisk() {
        @Override
        public void write(FileChannel file, ByteBuffer bytes, long at) throws IOException {
            long to = at;
            while (bytes.hasRemaining()) {
                to += file.write(bytes, to);
            }
        }

        @Override
        public void force(FileChannel file) throws IOException {
            file.force(false);
        }
    };

    /** Writes all of {@code bytes}. */
    void write(FileChannel file, ByteBuffer bytes, long at) throws IOException;

    /** Returns when what was written is on the disk. */
    void force(FileChannel file) throws IOException;
}
