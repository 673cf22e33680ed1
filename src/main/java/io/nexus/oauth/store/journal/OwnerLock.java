package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says that the files of one owner in a journal directory are in use. The system lets go of it when the process ends, however it ends.
 *
 * <p>Closing any channel of a file frees every lock that the process has on it, so a lock file of this process must not even be opened
 * a second time: which ones are its own is kept in system properties, which every class loader shares.
 */
final class OwnerLock implements AutoCloseable {

    static final String SUFFIX = ".lock";

    private static final String UNFINISHED = ".new";
    private static final String HELD = "io.nexus.oauth.store.journal@";
    private static final Set<StandardOpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private final String owner;
    private final Path path;
    private final FileChannel channel;

    private OwnerLock(String owner, Path path, FileChannel channel) {
        this.owner = owner;
        this.path = path;
        this.channel = channel;
    }

    /** The attribute of what only its owner may use; none where the file system has no such modes. */
    static FileAttribute<?>[] ownerOnly(String mode) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    /** Begins a new owner. The lock file gets its name only when it is locked: nobody may take its owner for dead before. */
    static OwnerLock create(Path directory) throws IOException {
        String owner = UUID.randomUUID().toString();
        Path unfinished = directory.resolve(owner + UNFINISHED);
        Path path = directory.resolve(owner + SUFFIX);
        FileChannel channel = lock(owner, unfinished);
        if (channel == null) {
            throw new IOException("cannot lock a new file");
        }
        try {
            Files.move(unfinished, path);
        } catch (IOException e) {
            OwnerLock failed = new OwnerLock(owner, unfinished, channel);
            failed.remove();
            failed.close();
            throw e;
        }
        return new OwnerLock(owner, path, channel);
    }

    /** Takes over from an owner whose process ended; null while it lives or another process is taking over. */
    static @Nullable OwnerLock takeOver(Path directory, String owner) throws IOException {
        Path path = directory.resolve(owner + SUFFIX);
        FileChannel channel = lock(owner, path);
        return channel == null ? null : new OwnerLock(owner, path, channel);
    }

    private static @Nullable FileChannel lock(String owner, Path path) throws IOException {
        synchronized (System.class) { // the one monitor that every class loader shares
            if (System.getProperty(HELD + owner) != null) {
                return null;
            }
            FileChannel channel = FileChannel.open(path, OPTIONS, ownerOnly("rw-------"));
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    System.setProperty(HELD + owner, "true");
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                // held by this process all the same
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
            return null;
        }
    }

    String owner() {
        return owner;
    }

    boolean isThere() {
        return Files.exists(path);
    }

    /** Removes the lock file and lets go. */
    void remove() throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        synchronized (System.class) {
            try {
                channel.close();
            } finally {
                System.clearProperty(HELD + owner);
            }
        }
    }
}
