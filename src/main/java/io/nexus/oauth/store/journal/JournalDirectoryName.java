package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The name of a journal directory: a random one in a file of it. A path names no disk, as every machine may have the same one, and not
 * every machine says its name. {@link #look} blocks and is for the journal's thread only.
 */
final class JournalDirectoryName {

    static final String FILE = "place";

    private static final Logger LOG = Logger.getLogger(JournalDirectoryName.class);
    private static final String UNFINISHED = ".place";

    private final Path directory;

    /** While the directory has no name: nobody takes over what is in a place that only this process knows. */
    private final String nobodys = UUID.randomUUID().toString();

    private volatile String name = nobodys;

    JournalDirectoryName(Path directory) {
        this.directory = directory;
    }

    String name() {
        return name;
    }

    /** Whether the directory has a name that could be read. */
    boolean isNamed() {
        return !name.equals(nobodys);
    }

    /** Reads the name; gives the directory one if it has none. */
    void look() {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            name = UUID.fromString(Files.readString(file).strip()).toString();
        } catch (IOException | IllegalArgumentException e) {
            LOG.debugf("%s names no place: %s", file, e.toString());
            name = nobodys;
        }
    }

    /** Of several processes that begin one is first; nobody sees half a name. */
    private void create(Path file) throws IOException {
        Path unfinished = directory.resolve(UUID.randomUUID() + UNFINISHED);
        try {
            Files.createFile(unfinished, OwnerLock.ownerOnly("rw-------"));
            Files.writeString(unfinished, UUID.randomUUID().toString(), StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            give(unfinished, file);
        } catch (FileAlreadyExistsException e) {
            LOG.debugf("%s was named by another process", directory);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void give(Path unfinished, Path file) throws IOException {
        try {
            Files.createLink(file, unfinished);
        } catch (UnsupportedOperationException e) {
            Files.copy(unfinished, file);
        }
    }
}
