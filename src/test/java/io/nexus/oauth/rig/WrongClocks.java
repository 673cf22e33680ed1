package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One replica's clock is 30 s behind, then ahead, then an hour back; what is monotonic stays so. */
final class WrongClocks {

    private static final Path FAKETIME = Path.of("/usr/bin/faketime");

    private WrongClocks() {}

    static List<Finding> run(World world, Scenario.Run run) throws Exception {
        Path library = library();
        Replica victim = world.replica(0);
        world.driver().stop();
        world.lives(50, 60);
        long phase = Math.max(6, run.seconds() / 4);
        List<Account> accounts = world.accounts().connect(40, List.of("strict", "graceful", "steady"));
        Path time = victim.home().resolve("time");
        Files.writeString(time, "-30s");
        victim.environment("LD_PRELOAD", library.toString())
                .environment("FAKETIME_TIMESTAMP_FILE", time.toString())
                .environment("FAKETIME_CACHE_DURATION", "1")
                // else each timed wait of the JVM ends at once
                .environment("FAKETIME_FORCE_MONOTONIC_FIX", "0")
                .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        victim.terminate(ReplicaFaults.STOPPING);
        victim.start();
        world.events().add("clock", "rep", victim.name(), "by", 30);
        world.driver().start(accounts, 10, 40, "&min_ttl=40"); // more than the clocks differ by
        TimeUnit.SECONDS.sleep(phase);
        Files.writeString(time, "+30s");
        TimeUnit.SECONDS.sleep(phase);
        world.events().add("clock", "rep", victim.name(), "by", 3600);
        Files.writeString(time, "-3600s");
        Finding finding = new Finding("S12", "the replica goes on refreshing after its clock stepped back");
        double before = refreshes(victim);
        TimeUnit.SECONDS.sleep(2 * phase);
        finding.tally("refreshes since then", 1).add((long) (refreshes(victim) - before));
        world.driver().stop();
        victim.environmentClear();
        victim.terminate(ReplicaFaults.STOPPING);
        victim.start();
        world.events().add("clock", "rep", victim.name(), "by", 0);
        world.accounts().forget(accounts);
        world.livesAsPlanned();
        return List.of(finding);
    }

    private static double refreshes(Replica replica) throws IOException {
        return replica.metric("nexus_oauth_refresh_total").orElse(0);
    }

    /** Whether {@link #run} can be run here. */
    static boolean arePossible() {
        return Files.exists(FAKETIME);
    }

    private static Path library() throws IOException {
        for (String directory : List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")) {
            Path library = Path.of(directory, "faketime", "libfaketimeMT.so.1");
            if (Files.exists(library)) {
                return library;
            }
        }
        throw new IOException("libfaketimeMT.so.1 was not found");
    }
}
