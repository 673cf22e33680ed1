package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the records in files that may be truncated, end with zeros or be damaged anywhere. It returns only records that
 * were written, and continues after damage with the next good one. Uses constant memory beside the result. Not
 * thread-safe.
 */
final class JournalReader {

    private static final int WINDOW = 2 * JournalCodec.MAX_RECORD;

    private final Map<UUID, JournalRecord.Written> written = new LinkedHashMap<>();
    private final Set<UUID> settled = new HashSet<>();
    private long damaged;
    private int foreign;

    /** Reads a file to its end; blocks. Throws only when the disk fails. */
    void read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
            while (true) {
                boolean end = fill(channel, window.compact());
                scan(window.flip(), end);
                if (end) {
                    return;
                }
            }
        }
    }

    /** Whether the end of the file is reached. */
    private static boolean fill(FileChannel channel, ByteBuffer window) throws IOException {
        while (window.hasRemaining()) {
            if (channel.read(window) < 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads records from memory: all bytes at the {@code end}, otherwise only as far as a record is certainly complete.
     */
    void scan(ByteBuffer window, boolean end) {
        int stop = end ? window.limit() : window.limit() - JournalCodec.MAX_RECORD;
        int at = window.position();
        while (at < stop) {
            int length = window.get(at) == 0 ? -1 : JournalCodec.bodyAt(window, at);
            if (length < 0) {
                damaged += window.get(at) == 0 ? 0 : 1;
                at++;
            } else {
                take(window.slice(at + JournalCodec.HEADER, length));
                at += JournalCodec.HEADER + length;
            }
        }
        window.position(at);
    }

    private void take(ByteBuffer body) {
        switch (JournalCodec.decode(body)) {
            case JournalRecord.Written entry -> written.putIfAbsent(entry.attempt(), entry);
            case JournalRecord.Settled tombstone -> settled.add(tombstone.attempt());
            case null -> foreign++;
        }
    }

    /** The unsettled entries, in the order of the file. */
    List<JournalRecord.Written> unsettled() {
        return written.values().stream()
                .filter(entry -> !settled.contains(entry.attempt()))
                .toList();
    }

    /** The settled entries, in the order of the file. */
    List<JournalRecord.Written> settled() {
        return written.values().stream()
                .filter(entry -> settled.contains(entry.attempt()))
                .toList();
    }

    /** Bytes that are neither zero nor part of a good record. */
    long damaged() {
        return damaged;
    }

    /** Undamaged records that this version does not understand. */
    int foreign() {
        return foreign;
    }
}
