package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Replicas that die at a point of the refresh. Attempts that reach the point are parked until there are enough of them, then the
 * process halts: one death counts as many crashed attempts.
 */
final class KillPoints {

    static final List<Rule> POINTS =
            List.of(Rule.AFTER_LEASE, Rule.AFTER_ANSWER, Rule.AFTER_JOURNAL, Rule.AFTER_COMMIT);

    /** So many attempts are parked before the process halts, or as many as came in this time. */
    private static final int PARKED = 40;

    private static final int PATIENCE_MS = 2500;

    /** A provider that refused its client is left alone for a minute. */
    private static final Duration UNTIL_REACHED = Duration.ofSeconds(150);

    private KillPoints() {}

    /** Takes the points in turns until each had {@code attempts} crashed attempts and the time is over. */
    static Finding run(World world, long seconds, int attempts) throws Exception {
        Effect effect = new Effect(world);
        Map<Rule, Integer> before = counts(world);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Rule> open = new ArrayList<>(POINTS);
        // always the same one: the others take over, and its next start finds its own journal
        Replica victim = world.replica(0);
        List<Rule> always = victim.rules();
        victim.kill();
        for (int i = 0; !open.isEmpty() || System.nanoTime() < end; i++) {
            Rule point = open.isEmpty() ? POINTS.get(i % POINTS.size()) : open.get(i % open.size());
            crash(victim, point, always, attempts > PARKED ? 3 : 1);
            open.removeIf(each -> count(world, each) - before.get(each) >= attempts);
        }
        victim.rules(always, 1, 0).start();
        world.events().add("kill_points", "counts", counts(world));
        return report(world, attempts, before, effect);
    }

    /** One replica dies at one point, and comes back; with how many attempts. */
    static int once(World world, Replica victim, Rule point) throws Exception {
        int before = count(world, point);
        List<Rule> always = victim.rules();
        victim.kill();
        crash(victim, point, always, 1);
        victim.rules(always, 1, 0).start();
        return count(world, point) - before;
    }

    private static void crash(Replica victim, Rule point, List<Rule> always, int times)
            throws IOException, InterruptedException {
        List<Rule> rules = new ArrayList<>(always);
        rules.add(point);
        victim.rules(rules, PARKED * times, PATIENCE_MS * times).start();
        if (!victim.awaitEnd(UNTIL_REACHED)) {
            throw new IllegalStateException(missed(victim, point, always));
        }
    }

    /** Describes a point that was not reached, and removes its rule for the next scenario. */
    private static String missed(Replica victim, Rule point, List<Rule> always)
            throws IOException, InterruptedException {
        try {
            return "no attempt reached %s in %s%s, see %s and its metrics:%n%s"
                    .formatted(
                            point,
                            UNTIL_REACHED,
                            victim.said().contains("error type checking rule") ? ": Byteman refused its rule" : "",
                            victim.log(),
                            victim.metrics());
        } finally {
            victim.kill();
            victim.rules(always, 1, 0).start();
        }
    }

    /** How many attempts crashed at each point, and with how many processes. */
    private static Finding report(World world, int attempts, Map<Rule, Integer> before, Effect effect)
            throws IOException {
        Finding finding = new Finding("S10", "attempts crash at each point of the refresh");
        finding.note("%d processes died", effect.events(line -> line.event().equals("kill") && line.is("at", "point")));
        counts(world)
                .forEach((point, count) -> finding.tally("attempts that crashed " + point.label(), attempts)
                        .add(count - before.get(point)));
        return finding;
    }

    static int count(World world, Rule point) {
        int sum = 0;
        for (Replica replica : world.replicas()) {
            try {
                if (Files.exists(replica.parked())) {
                    sum += (int) Journal.read(replica.parked()).stream()
                            .filter(line -> line.event().equals(point.label()))
                            .count();
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return sum;
    }

    static Map<Rule, Integer> counts(World world) {
        Map<Rule, Integer> counts = new EnumMap<>(Rule.class);
        POINTS.forEach(point -> counts.put(point, count(world, point)));
        return counts;
    }
}
