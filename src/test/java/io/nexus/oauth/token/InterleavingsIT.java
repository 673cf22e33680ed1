package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.testing.Interleavings;
import io.nexus.oauth.token.grant.EvictionFenceInterleavings;
import io.nexus.oauth.token.grant.GrantPersisterInterleavings;
import io.nexus.oauth.token.grant.SingleFlightInterleavings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The parts of the refresh protocol that several threads of one replica use at once, under a scheduler that tries the orders of their
 * steps. It runs in a process of its own, because Lincheck changes the classes of its process.
 */
class InterleavingsIT {

    private static final List<String> SCENARIOS = Stream.of(
                    SingleFlightInterleavings.class,
                    EvictionFenceInterleavings.class,
                    GrantPersisterInterleavings.class)
            .map(Class::getName)
            .toList();

    /** A bound for a process that hangs; the outcome does not depend on it. */
    private static final int MINUTES = 10;

    @Test
    void everyOrderIsRight(@TempDir Path directory) throws Exception {
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Interleavings.class.getName()));
        command.addAll(SCENARIOS);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            String said = Files.readString(output);
            assertThat(ended).as(said).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            SCENARIOS.forEach(each -> assertThat(said).contains("right: " + each));
        } finally {
            process.destroyForcibly();
        }
    }
}
