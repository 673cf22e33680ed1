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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The parts of the refresh protocol that several threads of one replica use at once, under a scheduler that tries the orders of their
 * steps. It runs in a process of its own, because Lincheck changes the classes of its process.
 */
class InterleavingsIT {

    /** The scenarios, and how many orders of each. As many as find each fault that was built in; pipelines of Mutiny take long. */
    private static final Map<Class<?>, Integer> SCENARIOS = Map.of(
            SingleFlightInterleavings.class, 100,
            EvictionFenceInterleavings.class, 200,
            GrantPersisterInterleavings.class, 50);

    /** A bound for a process that hangs; the outcome does not depend on it. */
    private static final int MINUTES = 30;

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
        SCENARIOS.forEach((scenarios, orders) -> command.addAll(List.of(scenarios.getName(), orders.toString())));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
            String said = Files.readString(output);
            assertThat(ended).as(said).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            SCENARIOS.keySet().forEach(each -> assertThat(said).contains("right: " + each.getName()));
        } finally {
            process.destroyForcibly();
        }
    }
}
