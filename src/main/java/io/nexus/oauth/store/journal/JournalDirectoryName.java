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
 * The unique name of a journal directory, stored in a file in it. A path is not unique, because every machine may have
 * the same one, and not every machine has a unique host name. {@link #read} blocks and is for the journal's thread
 * only.
 */
final class JournalDirectoryName {

    static final String FILE = "place";

    private static final Logger LOG = Logger.getLogger(JournalDirectoryName.class);
    private static final String UNFINISHED = ".place";

    private final Path directory;

    /**
     * The name while the directory has none. Only this process knows it, so no replica says that it took the
     * directory over.
     */
    private final String unnamed = UUID.randomUUID().toString();

    private volatile String name = unnamed;

    JournalDirectoryName(Path directory) {
        this.directory = directory;
    }

    String name() {
        return name;
    }

    /** Whether the name of the directory was read. */
    boolean isNamed() {
        return !name.equals(unnamed);
    }

    /** Reads the name, and creates one if the directory has none. */
    void read() {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            name = UUID.fromString(Files.readString(file).strip()).toString();
        } catch (IOException | IllegalArgumentException e) {
            LOG.debugf("Cannot read the name of the journal directory from %s: %s", file, e.toString());
            name = unnamed;
        }
    }

    /** Creates the name atomically: of several processes one wins, and no process reads a partial name. */
    private void create(Path file) throws IOException {
        Path unfinished = directory.resolve(UUID.randomUUID() + UNFINISHED);
        try {
            Files.createFile(unfinished, OwnerLock.ownerOnly("rw-------"));
            Files.writeString(unfinished, UUID.randomUUID().toString(), StandardCharsets.US_ASCII);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            publish(unfinished, file);
        } catch (FileAlreadyExistsException e) {
            LOG.debugf("%s was named by another process", directory);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void publish(Path unfinished, Path file) throws IOException {
        try {
            Files.createLink(file, unfinished);
        } catch (UnsupportedOperationException e) {
            Files.copy(unfinished, file);
        }
    }
}
