package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Executes the shell blocks of the README and of the tutorials as a newcomer would. CONTRIBUTING has the rules for writers:
 *
 * <ul>
 *   <li>Fences {@code shell} and comments {@code <!-- shell} are executed. All other fences are shown only.
 *   <li>Each file is one bash session with {@code set -euo pipefail}, in a directory that has everything of the clone's root, for a user
 *       with a fresh home and a service in local mode.
 *   <li>What builds or starts the service cannot run inside the build. So the commands {@code ./mvnw ...} and {@code java -jar ...} are
 *       {@code console} blocks, and the packaged jar that is started here stands for them.
 *   <li>The port 8080 in a block is replaced by a free one. A failed {@code curl} fails the block.
 * </ul>
 */
class ShellBlocksIT {

    private static final Path README = Path.of("README.md");
    private static final Path TUTORIALS = Path.of("src/site/markdown/tutorial");
    private static final int MINUTES = 5;

    @TempDir
    Path temporary;

    /** Files that must have blocks, so that no test passes without looking, and all others that have some. */
    static Stream<Path> files() throws IOException {
        List<Path> required = List.of(README, TUTORIALS.resolve("first-token.md"));
        try (Stream<Path> tutorials = Files.list(TUTORIALS)) {
            List<Path> others = tutorials
                    .filter(file -> file.toString().endsWith(".md") && !required.contains(file))
                    .filter(file -> !blocks(file).isEmpty())
                    .sorted()
                    .toList();
            return Stream.concat(required.stream(), others.stream());
        }
    }

    private static List<Fences.Block> blocks(Path file) {
        try {
            return Fences.of(Files.readString(file)).stream()
                    .filter(block -> block.language().equals("shell"))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyShellBlockSucceeds(Path file) throws Exception {
        List<Fences.Block> blocks = blocks(file);
        assertThat(blocks).as("shell blocks of " + file).isNotEmpty();
        Path home = Files.createDirectory(temporary.resolve("home"));
        Files.writeString(home.resolve(".curlrc"), "fail-with-body\n");
        try (LocalService service = new LocalService(home)) {
            Process bash = bash(home, service.port(), script(blocks, service.port()));
            boolean ended = bash.waitFor(MINUTES, TimeUnit.MINUTES);
            if (!ended) {
                bash.descendants().forEach(ProcessHandle::destroyForcibly);
                bash.destroyForcibly().waitFor();
            }
            assertThat(ended && bash.exitValue() == 0 && Files.exists(end()))
                    .as(() -> told(file, blocks, ended ? "exit code " + bash.exitValue() : "no end after five minutes"))
                    .isTrue();
        }
    }

    /** One session. Each block writes into a file of its own, and its number is known when the session ends in it. */
    private String script(List<Fences.Block> blocks, int port) {
        StringBuilder script = new StringBuilder("set -euo pipefail\n");
        for (int at = 0; at < blocks.size(); at++) {
            script.append("exec >'%s' 2>&1\n".formatted(output(at)))
                    .append(blocks.get(at).text().replace("127.0.0.1:8080", "127.0.0.1:" + port));
        }
        return script.append(": >'%s'\n".formatted(end())).toString();
    }

    private Process bash(Path home, int port, String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "bash",
                        Files.writeString(temporary.resolve("script"), script).toString())
                .directory(workingCopy().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(temporary.resolve("session").toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LANG", "C.UTF-8");
        builder.environment().put("NEXUS_SERVER", "http://127.0.0.1:" + port);
        return builder.start();
    }

    /** A directory with links to everything in the root: what a block writes beside it is gone afterwards. */
    private Path workingCopy() throws IOException {
        Path copy = Files.createDirectory(temporary.resolve("nexus-oauth"));
        try (Stream<Path> all = Files.list(Path.of("").toAbsolutePath())) {
            for (Path each : all.toList()) {
                Files.createSymbolicLink(copy.resolve(each.getFileName()), each);
            }
        }
        return copy;
    }

    /** Written behind the last block: a block that ends the session hides what follows. */
    private Path end() {
        return temporary.resolve("end");
    }

    private Path output(int block) {
        return temporary.resolve("output-" + block);
    }

    private String told(Path file, List<Fences.Block> blocks, String end) {
        int last = blocks.size() - 1;
        while (last > 0 && !Files.exists(output(last))) {
            last--;
        }
        try {
            Path output = Files.exists(output(last)) ? output(last) : temporary.resolve("session");
            return "%s, the block in line %d: %s%n%s%n--- it printed:%n%s"
                    .formatted(
                            file, blocks.get(last).line(), end, blocks.get(last).text(), Files.readString(output));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
