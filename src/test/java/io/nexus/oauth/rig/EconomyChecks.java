package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** I13 and I14: no request is needless, nothing is left behind, and the dice follow from the seed. */
final class EconomyChecks {

    /** Results that no commit shows: the last ones, and those of rows that were connected anew. */
    private static final double SLACK = 1.05;

    private static final int ODD = 5;

    /** Of a kind of which so many are expected a quarter comes: all but one run in a hundred thousand has that. */
    private static final int SURE = 20;

    private static final int SHARE = 4;

    private static final Set<Dice.Fault> COMPRESSED =
            EnumSet.of(Dice.Fault.GZIP, Dice.Fault.GZIP_UNLABELLED, Dice.Fault.DEFLATE);

    private static final Set<Dice.Fault> READABLE = EnumSet.of(
            Dice.Fault.BYTE_ORDER_MARK,
            Dice.Fault.STRINGS,
            Dice.Fault.DUPLICATES,
            Dice.Fault.JUNK,
            Dice.Fault.ABSURD_EXPIRY);

    private final Checker checker;
    private final Evidence evidence;

    EconomyChecks(Checker checker) {
        this.checker = checker;
        this.evidence = checker.evidence();
    }

    void run() {
        requests();
        leftBehind();
        dice();
    }

    private void requests() {
        Finding finding = checker.finding(Invariant.I13);
        long calls = 0;
        long good = 0;
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                checker.looked(Subject.CALLS, call.request);
                calls++;
                good += call.granted()
                                && call.delivered()
                                && evidence.excuse(grant, call).isEmpty()
                        ? 1
                        : 0;
            }
        }
        long commits = commits();
        finding.note("%d requests, %d of them without a kept answer, %d results stored", calls, calls - good, commits);
        if (good > commits * SLACK + ODD) {
            finding.violation("%d answers were good and only %d were stored", good, commits);
        }
    }

    /** How many answers were stored: each has an epoch of its own. */
    private long commits() {
        long all = 0;
        for (var states : checker.trail().stored().history().values()) {
            long epoch = 0;
            for (Snapshot.State state : states) {
                if (state.tokenEpoch() != epoch) {
                    epoch = state.tokenEpoch();
                    all++;
                    checker.looked(
                            Subject.RESULTS, state.at() >= checker.trail().began() ? 1 : 0);
                }
            }
        }
        return all;
    }

    private void leftBehind() {
        Finding finding = checker.finding(Invariant.I13);
        for (Journal.Line line : evidence.events) {
            if (line.event().equals("unstored")) {
                checker.looked(Subject.JOURNALS, line);
                if (line.number("answers") > 0) {
                    finding.violation(
                            "%s answers are in the journal of %s and not in the database",
                            line.text("answers"), line.text("rep"));
                }
            }
        }
        if (!evidence.reused.isEmpty()) {
            finding.violation("%d requests came on a connection that was used before", evidence.reused.size());
        }
        if (!evidence.strangers.isEmpty()) {
            finding.violation("%d requests had a token that is not the provider's", evidence.strangers.size());
        }
    }

    private void dice() {
        Finding finding = checker.finding(Invariant.I14);
        for (Evidence.Grant grant : evidence.grants.values()) {
            grant.calls.forEach((n, call) -> {
                if (call.spend == null || !call.diced && call.spend.is("fault", "NONE")) {
                    return;
                }
                checker.looked(Subject.DICE, call.spend);
                String again =
                        Dice.of(checker.trail().seed(), grant.id, n).fault().name();
                if (!call.spend.is("fault", again)) {
                    finding.violation("%s request %d: %s, and again %s", grant.id, n, call.spend.text("fault"), again);
                }
            });
        }
        if (checker.isPart(Subject.DICE)) {
            kinds(finding);
        }
    }

    /** How often each kind came. Where enough was thrown it has to have come, and it is left to chance where not. */
    private void kinds(Finding finding) {
        Map<String, Integer> thrown = new HashMap<>();
        evidence.grants.values().stream()
                .flatMap(grant -> grant.calls.values().stream())
                .filter(call -> call.end != null && checker.trail().isNew(call.end) && !call.end.is("fault", "-"))
                .forEach(call -> thrown.merge(call.end.text("fault"), 1, Integer::sum));
        int all = thrown.values().stream().mapToInt(Integer::intValue).sum();
        List<String> rare = new ArrayList<>();
        kinds(finding, "compressed answers", COMPRESSED, thrown, all, rare);
        kinds(finding, "odd answers that can be read", READABLE, thrown, all, rare);
        for (Dice.Fault kind : Dice.Fault.values()) {
            kinds(finding, "answers " + kind, Set.of(kind), thrown, all, rare);
        }
        finding.note("too rare to ask for: %s", rare);
    }

    private static void kinds(
            Finding finding,
            String what,
            Set<Dice.Fault> kinds,
            Map<String, Integer> thrown,
            int all,
            List<String> rare) {
        int came = kinds.stream()
                .mapToInt(kind -> thrown.getOrDefault(kind.name(), 0))
                .sum();
        int expected = all * kinds.stream().mapToInt(kind -> kind.weight).sum() / 1000;
        if (expected < SURE) {
            rare.add(came + " " + what);
        } else {
            finding.tally(what, expected / SHARE).add(came);
        }
    }
}
