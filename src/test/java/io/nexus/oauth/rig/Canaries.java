package io.nexus.oauth.rig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * I8: looks for secrets in clear text where they must not be.
 *
 * @param data the database's directory
 * @param homes the directories of the replicas
 * @param secrets what must be found nowhere
 * @param control a file to which the secrets are written: the search has to find each of them there
 */
record Canaries(Path data, List<Path> homes, List<String> secrets, Path control) {

    private static final int CHUNK = 1 << 20;

    static Canaries of(World world) {
        return new Canaries(
                world.postgres().directory().resolve("data"),
                world.replicas().stream().map(Replica::home).toList(),
                world.canaries(),
                world.plan().directory().resolve("canaries"));
    }

    void search(Checker checker) throws IOException {
        Finding finding = checker.finding(Invariant.I8);
        List<byte[]> needles = secrets.stream()
                .map(text -> text.getBytes(StandardCharsets.US_ASCII))
                .toList();
        for (Path file : files()) {
            boolean isEmpty = file.toFile().length() == 0; // or gone: WAL goes while one looks
            if (!isEmpty) {
                kind(file).ifPresent(kind -> checker.looked(kind, 1));
            }
            if (holds(file, needles)) {
                finding.violation("%s", file);
            }
        }
        Files.write(control, secrets);
        for (byte[] needle : needles) {
            boolean found = holds(control, List.of(needle));
            checker.looked(Subject.SECRETS, found ? 1 : 0);
            if (!found) {
                finding.violation("the search does not find what is there");
            }
        }
    }

    private List<Path> files() throws IOException {
        List<Path> roots = new ArrayList<>(homes);
        roots.add(data);
        List<Path> all = new ArrayList<>();
        for (Path root : roots) {
            if (Files.exists(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.filter(Files::isRegularFile).forEach(all::add);
                }
            }
        }
        return all;
    }

    /** Empty for what only has to hold no secret. */
    private Optional<Subject> kind(Path file) {
        if (file.startsWith(data)) {
            return Optional.of(file.startsWith(data.resolve("pg_wal")) ? Subject.WAL_FILES : Subject.DATABASE_FILES);
        }
        String name = file.getFileName().toString();
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "log" -> Optional.of(Subject.LOG_FILES);
            case "journal" -> Optional.of(Subject.JOURNAL_FILES);
            case "txt" -> Optional.of(Subject.METRICS_FILES);
            default -> Optional.empty();
        };
    }

    private static boolean holds(Path file, List<byte[]> needles) throws IOException {
        int overlap = needles.stream().mapToInt(needle -> needle.length).max().orElse(1);
        byte[] buffer = new byte[CHUNK + overlap];
        int kept = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer, kept, CHUNK); n > 0; n = in.read(buffer, kept, CHUNK)) {
                int length = kept + n;
                for (byte[] needle : needles) {
                    if (find(buffer, length, needle)) {
                        return true;
                    }
                }
                kept = Math.min(overlap, length);
                System.arraycopy(buffer, length - kept, buffer, 0, kept);
            }
        } catch (NoSuchFileException e) {
            return false;
        }
        return false;
    }

    private static boolean find(byte[] text, int length, byte[] needle) {
        for (int i = 0; i <= length - needle.length; i++) {
            if (text[i] == needle[0] && matches(text, i, needle)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] text, int at, byte[] needle) {
        for (int i = 1; i < needle.length; i++) {
            if (text[at + i] != needle[i]) {
                return false;
            }
        }
        return true;
    }
}
