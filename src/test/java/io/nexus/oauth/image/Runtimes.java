package io.nexus.oauth.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Java runtime, and what of the system it stands on. */
final class Runtimes {

    /** All of Java SE, because libraries look for parts of it by name, and what a JVM needs to be looked into. */
    private static final String MODULES =
            "java.se,jdk.unsupported,jdk.management,jdk.jfr,jdk.net,jdk.zipfs,jdk.naming.dns,jdk.crypto.cryptoki,jdk.jcmd";

    /** A server draws nothing: what draws wants libraries of a desktop. */
    private static final Pattern DESKTOP = Pattern.compile(
            "lib(awt_xawt|jawt|splashscreen|jsound|fontmanager|freetype|lcms|mlib_image|javajpeg|awt.*)\\.so");

    private static final Pattern NEEDS = Pattern.compile("(?:=> )?(/\\S+) \\(0x");

    private Runtimes() {}

    static void link(Path target) throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("java.home"));
        Files.createDirectories(target.getParent());
        run(
                home.resolve("bin/jlink").toString(),
                "--add-modules",
                MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                target.toString());
    }

    /** The loader and the C library, at the paths that they were linked for; users, names and the folders that are written to. */
    static void system(Path root, String user) throws IOException, InterruptedException {
        for (String library : libraries(root.resolve("opt/java"))) {
            Path target = root.resolve(library.substring(1));
            Files.createDirectories(target.getParent());
            Files.copy(Path.of(library).toRealPath(), target);
            target.toFile().setExecutable(true);
        }
        Path etc = Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                etc.resolve("passwd"),
                "root:x:0:0::/:/none\nnexus:x:%s:%s::/var/lib/nexus-oauth:/none\n".formatted(user, user));
        Files.writeString(etc.resolve("group"), "root:x:0:\nnexus:x:%s:\n".formatted(user));
        Files.writeString(etc.resolve("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
        Files.createDirectories(root.resolve("tmp"));
        Files.createDirectories(root.resolve("var/lib/nexus-oauth"));
    }

    private static Set<String> libraries(Path java) throws IOException, InterruptedException {
        Deque<Path> open = new ArrayDeque<>();
        open.add(java.resolve("bin/java"));
        try (Stream<Path> files = Files.walk(java.resolve("lib"))) {
            files.filter(file -> file.getFileName().toString().endsWith(".so")
                            && !DESKTOP.matcher(file.getFileName().toString()).matches())
                    .forEach(open::add);
        }
        Set<String> found = new TreeSet<>();
        while (!open.isEmpty()) {
            NEEDS.matcher(run("ldd", open.remove().toString()))
                    .results()
                    .map(match -> match.group(1))
                    .filter(library -> !library.startsWith(java.toString()))
                    .forEach(found::add);
        }
        if (found.isEmpty()) {
            throw new IOException("an image is built on Linux with glibc: ldd names no library of " + java);
        }
        return found;
    }

    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(List.of(command) + ": " + said);
        }
        return said;
    }

    static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
