package io.nexus.oauth.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * S22: high availability as Patroni, etcd and HAProxy make it, on processes of its own. {@link Mutation#AGREEMENT} switches its guard off.
 */
class RigFailoverIT {

    private final long seed = Long.getLong("rig.seed", System.nanoTime() & 0xffffff);

    @TempDir
    Path directory;

    @Test
    void promotionOfALaggingStandbyLosesNoGrant() throws Exception {
        assumePossible();
        try (World world = world()) {
            world.start();
            List<Finding> findings = Rig.judge(world, Scenario.S22, new Scenario.Run(8, false, new Random(seed)));

            findings.forEach(System.out::println);
            assertThat(world.news(findings)).as("seed %d", seed).isEmpty();
        }
    }

    private static void assumePossible() {
        Optional<String> missing = PatroniCluster.missing();
        assertThat(missing.isEmpty() || !Boolean.getBoolean("nexus.ci"))
                .as("%s: .ci/run installs it", missing)
                .isTrue();
        assumeTrue(missing.isEmpty(), () -> "S22 is left out: " + missing.orElse(""));
    }

    private World world() throws Exception {
        System.out.printf("The rig's seed is %d, its files are in %s%n", seed, directory);
        World.Plan plan = new World.Plan(
                Path.of(System.getProperty("nexus.package")),
                directory.resolve("run"),
                PatroniCluster.binaries(),
                seed,
                Scenario.S22.replicas(),
                100,
                12,
                30,
                List.of());
        return new World(plan).highlyAvailable();
    }
}
