package io.nexus.oauth.rig;

import io.nexus.oauth.testing.RotatingGrant;
import java.util.Map;
import java.util.TreeMap;

/** I4 and I12: what callers were given worked, and they were given what there was. */
final class AnswerChecks {

    private static final long SECOND = 1_000_000;

    /** The longest time between the decision of the service and the moment the caller has read the answer. */
    private static final long ON_THE_WAY = 3 * SECOND;

    /** The share of callers that a replica with more to do than it can may tell to come back. */
    private static final double MOST_SHED = 0.02;

    private final Checker checker;
    private final Evidence evidence;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private long answers;
    private long lost;
    private long shed;

    AnswerChecks(Checker checker) {
        this.checker = checker;
        this.evidence = checker.evidence();
    }

    void run() {
        for (Journal.Line line : evidence.driver) {
            switch (line.event()) {
                case "ok" -> {
                    handedOut(line);
                    served(line);
                }
                case "fail" -> refused(line);
                case "io" -> lost(line);
                case "unconnected", "unrevoked" -> brokenOff(line);
                default -> {}
            }
        }
        Finding finding = checker.finding(Invariant.I12);
        // on a machine as small as this one that happens at restarts
        if (shed > answers * MOST_SHED) {
            finding.violation(
                    "%d callers were told to come back with a database at hand, %d got tokens", shed, answers);
        }
        finding.note("%d answers with a token, %d requests lost with their replica, others: %s", answers, lost, kinds);
    }

    private void handedOut(Journal.Line line) {
        String wrong = line.is("mine", "true") ? dead(line) : "is another account's";
        if (!wrong.isEmpty()) {
            checker.finding(Invariant.I4)
                    .violation(
                            "%s %s: token %s/%s %s",
                            line.text("rep"), line.text("state"), line.text("g"), line.text("a"), wrong);
        }
    }

    /** The fault of the token in an answer, by the provider's log; an empty text when the token worked. */
    private String dead(Journal.Line line) {
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        int number = (int) line.number("a");
        Journal.Line born = grant.access.get(number);
        long asked = line.number("sent") - SECOND;
        if (born == null) {
            return "was never issued";
        }
        if (asked > grant.deadAt && !grant.revoked) {
            // A grant dies with a reuse; until the row says so nobody can know, and a reuse is judged elsewhere.
            return "";
        }
        if (!evidence.troubles.hasWrongClock(line)) {
            checker.looked(Subject.TOKENS, line);
            if (grant.provider.equals(RigClients.MACHINE)) {
                checker.looked(Subject.MACHINES, line);
            }
            long life = (long) (Double.parseDouble(born.text("life")) * SECOND);
            long ends = born.t() + life + evidence.troubles.clockErrorAt(born.t());
            if (asked > ends) {
                return "ended " + (line.number("sent") - ends) / 1000 + " ms before it was asked for";
            }
        }
        if (!RotatingGrant.RULES.get(grant.provider).killsAccessToken()) {
            return "";
        }
        checker.looked(Subject.FORMER, line);
        Journal.Line successor = grant.access.get(number + 1);
        return successor != null && asked > knownAt(grant, successor) ? "was ended by its successor" : "";
    }

    /** When the service had stored what came with {@code spend}: before that it cannot know that older tokens are dead. */
    private long knownAt(Evidence.Grant grant, Journal.Line spend) {
        String credential = evidence.credentialOfGrant.getOrDefault(grant.id, "");
        long version = 0;
        for (Snapshot.State state : checker.trail().stored().historyOf(credential)) {
            if (state.at() > spend.t() && state.version() > version) {
                return state.at();
            }
            version = Math.max(version, state.version());
        }
        return Long.MAX_VALUE;
    }

    /** Whether the token that was stored while the service had the request worked until its answer came. */
    private boolean isCovered(Journal.Line line) {
        return checker.trail().stored().storedUntil(line.text("c"), line.number("sent"), line.t())
                > line.t() + ON_THE_WAY;
    }

    private void served(Journal.Line line) {
        answers++;
        if (isCovered(line) && !evidence.troubles.excuse(line)) {
            checker.looked(Subject.SERVED, line);
        }
    }

    private void refused(Journal.Line line) {
        if (RevocationChecks.isAboutRevocation(line)) {
            return; // judged there
        }
        Finding finding = checker.finding(Invariant.I12);
        boolean valid = isCovered(line);
        boolean excused = evidence.troubles.excuse(line);
        String kind = line.text("type") + "/" + line.text("code") + (valid ? " with a valid token" : "")
                + (excused ? " (database or replica away)" : "");
        kinds.merge(kind, 1, Integer::sum);
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        if (valid && !excused) {
            checker.looked(Subject.SERVED, line);
        }
        if (line.is("status", "500")) {
            finding.violation("%s: 500: that is no answer", line.text("c"));
        } else if (valid && !excused && line.is("type", "storage-unavailable")) {
            shed++;
        } else if (valid && !excused && (grant == null || grant.lives(line.t()))) {
            finding.violation(
                    "%s: %s %s although its token was good for more", line.text("c"), line.text("status"), kind);
        }
    }

    private void lost(Journal.Line line) {
        lost++;
        if (line.is("through", "false") && !evidence.troubles.isDown(line)) {
            checker.finding(Invariant.I12)
                    .violation("%s: no answer from %s, which was up", line.text("c"), line.text("rep"));
        }
    }

    private void brokenOff(Journal.Line line) {
        if (line.is("status", "500")) {
            checker.finding(Invariant.I12).violation("%s: 500 when it was %s", line.text("c"), line.event());
        }
    }
}
