package io.nexus.oauth.rig;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * A guard of the service switched off, and the scenario in which that must be found: a rig that stays green when a guard is gone proves
 * nothing.
 */
enum Mutation {
    QUARANTINE(Rule.NO_QUARANTINE, Scenario.LATE, Set.of("I1", "I3")),
    FENCE(Rule.NO_FENCE, Scenario.ZOMBIE, Set.of("I6")),
    JOURNAL(Rule.NO_JOURNAL, Scenario.S10, Set.of("I1", "I2")),
    REVOCATION(Rule.NO_REVOCATION, Scenario.S14, Set.of("I9")),
    REVOKED_EPOCH(Rule.NO_REVOKED_EPOCH, Scenario.S23, Set.of("I9")),
    NEW_GRANTS(Rule.NO_STORE_RETRY, Scenario.S24, Set.of("I15")),
    KEEP_ALIVE(Rule.KEEP_ALIVE, Scenario.S1, Set.of("I13")),
    RETRY(Rule.REPEAT, Scenario.LATE, Set.of("I1", "I3")),
    AGREEMENT(Rule.NO_AGREEMENT, Scenario.S22, Set.of("I1", "S22"));

    private final Rule rule;
    final Scenario scenario;
    private final Set<String> expected;

    Mutation(Rule rule, Scenario scenario, Set<String> expected) {
        this.rule = rule;
        this.scenario = scenario;
        this.expected = expected;
    }

    /** Before the start of a world. */
    void into(World world) {
        world.replicas().forEach(replica -> replica.rules(List.of(rule), 1, 0));
    }

    /** Why the rig failed: the mutation was not in force, or the checker did not find it. Empty when all is well. */
    String escaped(World world, List<Finding> findings) throws IOException {
        for (Replica replica : world.replicas()) {
            boolean reached = Journal.read(replica.parked()).stream()
                    .anyMatch(line -> line.event().equals("reached") && line.is("rule", rule.name()));
            if (!reached) {
                return rule + " was never in force in " + replica.name() + ", see " + replica.log();
            }
        }
        boolean found = findings.stream()
                .anyMatch(each -> expected.contains(each.name) && !each.found().isEmpty());
        return found ? "" : rule + " was not found in " + scenario + " by " + expected;
    }
}
