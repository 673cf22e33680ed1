package io.nexus.oauth.rig;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** S21: one fault after the other in an order that follows from the seed, and beside them people and operators at work. */
final class Soak {

    /** How long one fault lasts. */
    private static final int SHORT_S = 4;

    private static final int LONG_S = 10;

    private static final List<Fault> FAULTS = List.of(
            new Fault("killed replicas", ReplicaFaults::kill),
            new Fault("killed PostgreSQL", DatabaseFaults::kill),
            new Fault("paused PostgreSQL", DatabaseFaults::pause),
            new Fault("paused replicas", ReplicaFaults::pause),
            new Fault("lost commits", DatabaseFaults::cutCommits),
            new Fault("partition", DatabaseFaults::partition),
            new Fault("cut answers", ProviderFaults::cutAnswers),
            new Fault("kill point", ReplicaFaults::killPoint),
            new Fault("lost notifications", DatabaseFaults::deafen),
            new Fault("rolling restart", ReplicaFaults::rollingRestart),
            new Fault("storm of revocations", Administration::revocations),
            new Fault("answers across a revocation", Crossings::run),
            new Fault("codes during an outage", ConnectOutage::brief),
            new Fault("nothing", ProviderFaults::nothing),
            new Fault("hang-ups", Herds::hangUps));

    /** One of the faults. */
    record Fault(String name, Scenario.Injection injection) {}

    private Soak() {}

    /** Each fault once, in an order that follows from {@code random}. */
    static List<Fault> round(Random random) {
        List<Fault> round = new ArrayList<>(FAULTS);
        Collections.shuffle(round, random);
        return round;
    }

    static List<Finding> run(World world, Scenario.Run run) throws Exception {
        world.provider().set("dice", true, "scale", ProviderFaults.DELAY_SCALE);
        Operators operators = new Operators(world, run);
        RunClock clock = run.clock();
        Thread beside = Thread.ofVirtual().start(() -> {
            try {
                operators.act(clock);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        List<Finding> all = new ArrayList<>(List.of(faults(world, run, clock)));
        beside.join();
        all.addAll(operators.finish());
        return all;
    }

    private static Finding faults(World world, Scenario.Run run, RunClock clock) throws Exception {
        Finding finding = new Finding("S21", "one fault after the other");
        int least = run.full() ? 2 : 1;
        Tally effective = finding.tally("faults that had an effect", least);
        Random random = new Random(run.random().nextLong());
        List<String> order = new ArrayList<>();
        ArrayDeque<Fault> next = new ArrayDeque<>();
        // on a busy machine the first restart takes all the time there is; one round is enough for anybody
        for (int i = 0; clock.runs() || effective.seen() < least && i < FAULTS.size(); i++) {
            if (next.isEmpty()) {
                next.addAll(round(random));
            }
            Fault fault = next.poll();
            world.events().add("soak", "fault", fault.name());
            List<Finding> parts =
                    fault.injection().into(world, new Scenario.Run(run.full() ? LONG_S : SHORT_S, false, random));
            parts.forEach(part -> part.found().forEach(each -> finding.violation("%s: %s", part.name, each)));
            effective.addIf(!parts.isEmpty()
                    && parts.stream().allMatch(part -> part.shortfalls().isEmpty()));
            order.add(fault.name());
            if (random.nextInt(20) == 0) {
                world.provider().window("invalid_client", 5_000);
            }
        }
        finding.note("in this order: %s", order);
        return finding;
    }
}
