package io.nexus.oauth.rig;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks for secrets in clear text where they must not be: database files, WAL, service logs, metrics, journals. */
final class Canaries {

    private static final int CHUNK = 1 << 20;

    private Canaries() {}

    static Finding search(World world) throws IOException {
        Finding finding = new Finding("I8", "no secret in clear text: database, WAL, logs, metrics, journal");
        List<byte[]> needles = world.canaries().stream()
                .map(text -> text.getBytes(StandardCharsets.US_ASCII))
                .toList();
        List<Path> roots = new ArrayList<>(List.of(world.postgres().directory().resolve("data")));
        world.replicas().forEach(replica -> roots.add(replica.home()));
        for (Path root : roots) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    finding.checked++;
                    if (holds(file, needles)) {
                        finding.violation("%s", file);
                    }
                }
            }
        }
        if (!holds(world.plan().directory().resolve("api-key"), needles)) {
            finding.violation("the search does not find what is there");
        }
        return finding;
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
        } catch (java.nio.file.NoSuchFileException e) {
            return false; // WAL goes while one looks
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
