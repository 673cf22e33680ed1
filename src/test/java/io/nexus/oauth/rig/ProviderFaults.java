package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Faults of the provider and of the way to it. */
final class ProviderFaults {

    /** The timers of the rig's providers are about a tenth of what they are at the most cautious ones, and so are delays. */
    static final double DELAY_SCALE = 0.09;

    private ProviderFaults() {}

    static List<Finding> nothing(World world, Scenario.Run run) throws Exception {
        TimeUnit.SECONDS.sleep(run.seconds());
        return List.of();
    }

    static List<Finding> dice(World world, Scenario.Run run) throws Exception {
        Effect effect = new Effect(world);
        world.provider().set("dice", true, "scale", DELAY_SCALE);
        TimeUnit.SECONDS.sleep(run.seconds());
        world.provider().window("invalid_client", run.full() ? 20_000 : 2_000);
        TimeUnit.SECONDS.sleep(run.seconds());
        Finding finding = new Finding("S2", "the provider's answers go wrong");
        finding.tally("requests that met a fault", 2)
                .add(effect.provider(line -> line.event().equals("spend") && !line.is("fault", "NONE")));
        return List.of(finding);
    }

    static List<Finding> cutAnswers(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S9", "the provider's answers are cut on the way");
        Effect effect = new Effect(world);
        for (TcpFaultProxy.Mode mode :
                List.of(TcpFaultProxy.Mode.CUT_AFTER_REQUEST, TcpFaultProxy.Mode.CUT_IN_ANSWER)) {
            for (int i = 0; i < world.replicas().size(); i++) {
                world.providerProxy(i)
                        .trigger("refresh_token=")
                        .probability(0.05)
                        .bytes(250)
                        .mode(mode);
            }
            TimeUnit.MILLISECONDS.sleep(run.seconds() * 500);
            String why = mode == TcpFaultProxy.Mode.CUT_AFTER_REQUEST ? "after_request" : "in_answer";
            effect.awaitCut("provider", why);
            finding.tally("answers cut " + why.replace('_', ' '), 1).add(effect.cuts("provider", why));
        }
        world.pass();
        return List.of(finding);
    }

    /** Requests that overtake each other: safe only because an attempt of unknown fate keeps the next one away. */
    static List<Finding> lateRequests(World world, Scenario.Run run) throws Exception {
        Effect effect = new Effect(world);
        world.driver().stop();
        world.lives(20, 24); // a quarter of it is the quarantine: five seconds and more
        world.driver().start(world.accounts().connect(60, List.of("strict")), 20, 40);
        for (int i = 0; i < world.replicas().size(); i++) {
            world.providerProxy(i).trigger("/strict/token").probability(0.2).mode(TcpFaultProxy.Mode.LATE);
        }
        TimeUnit.SECONDS.sleep(Math.max(25, run.seconds()));
        world.pass();
        world.livesAsPlanned();
        Finding finding = new Finding("LATE", "requests arrive seconds after they were given up");
        finding.tally("late requests", 1).add(effect.cuts("provider", "late"));
        return List.of(finding);
    }
}
