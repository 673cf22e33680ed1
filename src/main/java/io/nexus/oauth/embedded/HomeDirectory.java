package io.nexus.oauth.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The directory {@code nexus.oauth.home}: the embedded database and the secrets generated for a local run. What is made in it
 * is for its owner only (0700, 0600). A directory that exists already keeps its own permissions: it may be a mount or shared.
 *
 * @param path absolute
 */
record HomeDirectory(Path path) {

    /** From the property's text; a leading {@code ~/} is the user's own directory, nothing means {@code ~/.nexus-oauth}. */
    static HomeDirectory of(@Nullable String configured) {
        String text = configured == null || configured.isBlank() ? "~/.nexus-oauth" : configured.strip();
        String expanded = text.startsWith("~/") ? System.getProperty("user.home") + text.substring(1) : text;
        return new HomeDirectory(Path.of(expanded).toAbsolutePath().normalize());
    }

    /** One directory per major version: a newer server cannot read an older one's files. */
    Path data() {
        return path.resolve("pg").resolve("data-18");
    }

    Path binaries() {
        return path.resolve("pg").resolve("bin");
    }

    Path file(String name) {
        return path.resolve(name);
    }

    HomeDirectory create() {
        directory(path);
        return directory(path.resolve("pg"));
    }

    private HomeDirectory directory(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
                Files.createDirectories(directory, ownerOnly);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + directory + ", see nexus.oauth.home", e);
        }
    }

    /**
     * The file {@code name}, made with {@code content} when there is none. One that exists is left as it is, whatever it
     * holds: a new key in its place would make everything sealed with the old one unreadable. The caller holds {@link HomeLock}.
     */
    Path keep(String name, Supplier<String> content) {
        Path target = path.resolve(name);
        try {
            if (!Files.exists(target)) {
                writeDurably(target, content.get());
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target, e);
        }
    }

    /** The text in {@link #keep}'s file. */
    String kept(String name, Supplier<String> content) {
        try {
            return Files.readString(keep(name, content)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path.resolve(name), e);
        }
    }

    /** A reader sees the whole file or none, also after a power cut: temporary file, fsync, rename. */
    private static void writeDurably(Path target, String content) throws IOException {
        Path temporary = Files.createTempFile(target.getParent(), ".new", null); // 0600 by contract
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, target);
    }
}
