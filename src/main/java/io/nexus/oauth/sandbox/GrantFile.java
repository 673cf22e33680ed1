package io.nexus.oauth.sandbox;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;

/** The file that lets grants outlive a restart: 0600, replaced as a whole, so a reader never sees half of it. */
final class GrantFile {

    private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    private final Path file;

    GrantFile(Path file) {
        this.file = file;
    }

    List<SandboxGrant> read() {
        try {
            return Files.exists(file) ? json.readValue(file.toFile(), new TypeReference<>() {}) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the grants of the sandbox, remove the file to start anew: " + file, e);
        }
    }

    /** Returns when it is on the disk. */
    void write(Collection<SandboxGrant> grants) {
        try {
            Path temporary = Files.createTempFile(file.getParent(), ".sandbox", null); // 0600 by contract
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(grants));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the grants of the sandbox in " + file, e);
        }
    }
}
