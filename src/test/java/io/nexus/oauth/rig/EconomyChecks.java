package io.nexus.oauth.rig;

/** I13 and I14: no request is needless, nothing is left behind, and the dice follow from the seed. */
final class EconomyChecks {

    /** Results that no commit shows: the last ones, and those of rows that were connected anew. */
    private static final double SLACK = 1.05;

    private static final int ODD = 5;

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
    }
}
