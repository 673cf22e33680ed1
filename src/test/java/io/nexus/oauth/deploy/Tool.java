package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A program that may be on this machine; the tests that need it are left out, with a line, where it is not. */
public final class Tool {

    private Tool() {}

    /** Where {@code name} is. */
    public static Path find(String name) {
        Path found = Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(path -> Path.of(path, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found == null) {
            System.err.println("[WARNING] There is no " + name + ": the tests that need it are left out.");
        }
        assertThat(found != null || !Boolean.getBoolean("nexus.ci"))
                .as("nothing may be left out, and there is no " + name)
                .isTrue();
        assumeTrue(found != null, "there is no " + name);
        return found;
    }

    /** What {@code name} prints, which ends with 0. */
    static String run(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addFirst(find(name).toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
