package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One file of the journal, of fixed size: zeros first, then records from its start on, then zeros again. Its blocks are really written
 * before use, so a full disk is met before an answer is under way. Everything blocks; for the journal's thread only.
 */
final class JournalSegment {

    private static final int SLICE = 256 * 1024;

    private final Path path;
    private final FileChannel file;
    private final JournalDisk disk;
    private final int size;
    private final @Nullable Object identity;
    private int used;
    private int wiped;
    private long newest = Long.MIN_VALUE;

    private JournalSegment(Path path, FileChannel file, JournalDisk disk, int size) throws IOException {
        this.path = path;
        this.file = file;
        this.disk = disk;
        this.size = size;
        this.identity = identity(path);
    }

    /** Makes the file; throws when the disk has not the space. */
    static JournalSegment create(Path path, int size, JournalDisk disk) throws IOException {
        FileChannel file = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                OwnerLock.ownerOnly("rw-------"));
        try {
            for (int at = 0; at < size; at += SLICE) {
                disk.write(file, ByteBuffer.allocate(Math.min(SLICE, size - at)), at);
            }
            disk.force(file);
            return new JournalSegment(path, file, disk, size);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    boolean fits(int bytes) {
        return size - used >= bytes;
    }

    void write(ByteBuffer record, long writtenAt) throws IOException {
        int bytes = record.remaining();
        disk.write(file, record, used);
        used += bytes;
        newest = Math.max(newest, writtenAt);
    }

    void force() throws IOException {
        disk.force(file);
        if (!isThere()) {
            throw new IOException("the file is not in its directory any more");
        }
    }

    /** Whether the path still leads to this file. Writing to a file without a name works, and keeps nothing. */
    boolean isThere() {
        try {
            return Objects.equals(identity, identity(path));
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    boolean isEmpty() {
        return used == 0;
    }

    /** Whether more than half is used. */
    boolean isFilling() {
        return used > size / 2;
    }

    /** When the newest record was written, in milliseconds since 1970. */
    long newest() {
        return newest;
    }

    /** Overwrites a part of the records, from the start on; true when none is left and the segment is as new. */
    boolean wipe() throws IOException {
        int bytes = Math.min(SLICE, used - wiped);
        disk.write(file, ByteBuffer.allocate(bytes), wiped);
        disk.force(file);
        wiped += bytes;
        if (wiped < used) {
            return false;
        }
        used = 0;
        wiped = 0;
        newest = Long.MIN_VALUE;
        return true;
    }

    Path path() {
        return path;
    }

    void close() throws IOException {
        file.close();
    }
}
