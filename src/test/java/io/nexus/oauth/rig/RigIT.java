package io.nexus.oauth.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The short form of the scenarios, one after the other, on one set of processes: what a fault leaves behind is there in the next one
 * too. The seed is printed; {@code -Drig.seed=} repeats its dice.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RigIT {

    /** {@link RigReplicaIT} has these, so that the forks share the work. */
    static final Set<Scenario> REPLICAS =
            EnumSet.of(Scenario.S3, Scenario.S6, Scenario.S10, Scenario.S12, Scenario.S13);

    /** {@link RigDatabaseIT} has these. */
    static final Set<Scenario> DATABASE = EnumSet.of(
            Scenario.S4,
            Scenario.S5,
            Scenario.S7,
            Scenario.S8,
            Scenario.S11,
            Scenario.S17,
            Scenario.S19,
            Scenario.S20,
            Scenario.S24);

    private static final int SECONDS = 8;

    private final long seed = Long.getLong("rig.seed", System.nanoTime() & 0xffffff);
    private Path directory;
    private World world;

    @BeforeAll
    void start() throws Exception {
        directory = Files.createTempDirectory("nexus-rig");
        System.out.printf("The rig's seed is %d, its files are in %s%n", seed, directory);
        world = new World(new World.Plan(
                Path.of(System.getProperty("nexus.package")),
                directory.resolve("run"),
                directory.resolve("bin"),
                seed,
                2,
                100,
                12,
                30,
                List.of()));
        world.start();
    }

    @AfterAll
    void stop() throws Exception {
        if (world != null) {
            world.close();
        }
        if (world == null || world.isClean()) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    Stream<Scenario> scenarios() {
        return EnumSet.allOf(Scenario.class).stream()
                .filter(each -> !REPLICAS.contains(each) && !DATABASE.contains(each) && !each.wantsCluster());
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void keepsEveryPromise(Scenario scenario) throws Exception {
        assumeTrue(
                scenario != Scenario.S12 || WrongClocks.arePossible(),
                "S12 is left out: there is no /usr/bin/faketime");

        List<Finding> findings = Rig.judge(world, scenario, new Scenario.Run(SECONDS, false, new Random(seed)));

        findings.forEach(System.out::println);
        assertThat(world.news(findings))
                .as("seed %d, files in %s", seed, directory)
                .isEmpty();
    }
}
