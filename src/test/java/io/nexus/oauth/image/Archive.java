package io.nexus.oauth.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Compressed tar archives that are equal for equal files: one time for every entry, no owner, sorted names. */
final class Archive {

    private static final int PLAIN = 0100644;
    private static final int EXECUTABLE = 0100755;

    private Archive() {}

    /** The regular files below {@code directory}, by their names in an archive whose folder is {@code prefix}. */
    static SortedMap<String, Path> files(Path directory, String prefix) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            SortedMap<String, Path> files = new TreeMap<>();
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(
                            prefix + "/" + directory.relativize(file).toString().replace('\\', '/'), file));
            return files;
        }
    }

    /** The archive of {@code files}, in their order. */
    static byte[] of(Map<String, Path> files, Instant time) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(Files.size(file.getValue()));
                entry.setModTime(java.nio.file.attribute.FileTime.from(time));
                entry.setMode(Files.isExecutable(file.getValue()) ? EXECUTABLE : PLAIN);
                tar.putArchiveEntry(entry);
                Files.copy(file.getValue(), tar);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** The SHA-256 of {@code bytes} in hexadecimal digits. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The SHA-256 of a file, which may be large. */
    static String sha256(Path file) {
        try (var in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] part = new byte[1 << 16];
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                digest.update(part, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
