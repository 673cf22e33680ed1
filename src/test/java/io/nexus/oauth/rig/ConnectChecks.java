package io.nexus.oauth.rig;

import java.util.HashSet;
import java.util.Set;

/** I15: what a code was traded for is kept or given back, whatever failed meanwhile, and nobody waits for ever. */
final class ConnectChecks {

    private static final Set<String> ENDED = Set.of("connected", "failed");

    private final Checker checker;
    private final Evidence evidence;
    /** Those whose refresh token is stored, or was: a caller was given a token. */
    private final Set<String> kept;

    /** {@code stored} are the grants whose refresh tokens are stored. */
    ConnectChecks(Checker checker, Set<String> stored) {
        this.checker = checker;
        this.evidence = checker.evidence();
        this.kept = new HashSet<>(stored);
        evidence.driver.stream().filter(line -> line.event().equals("ok")).forEach(line -> kept.add(line.text("g")));
    }

    void run() {
        Finding finding = checker.finding(Invariant.I15);
        evidence.grants.values().stream().filter(grant -> grant.trade != null).forEach(grant -> traded(finding, grant));
        evidence.codesAgain.forEach(line -> finding.violation("a code was presented twice: %s", line.text("code")));
        for (Snapshot.Session session : checker.trail().stored().sessions()) {
            if (session.status().equals("exchanging")) {
                finding.violation("session %s is still exchanging its code", session.id());
            }
            boolean counts = ENDED.contains(session.status())
                    && session.at() >= checker.trail().began();
            checker.looked(Subject.SESSIONS, counts ? 1 : 0);
        }
    }

    private void traded(Finding finding, Evidence.Grant grant) {
        String excuse = excuse(grant);
        if (excuse.isEmpty()) {
            checker.looked(Subject.TRADED, grant.trade);
        }
        if (kept.contains(grant.id) || !grant.lives()) {
            return;
        }
        if (excuse.isEmpty()) {
            finding.violation("%s (%s): its first tokens are neither stored nor revoked", grant.id, grant.provider);
        } else {
            finding.note("%s (%s) is lost: %s", grant.id, grant.provider, excuse);
        }
    }

    /** Why nobody can have kept the tokens; empty when nothing excuses their loss. */
    private String excuse(Evidence.Grant grant) {
        if (grant.traded == null || !grant.traded.is("result", "delivered")) {
            return "their answer reached nobody";
        }
        String replica = grant.trade.text("rep");
        if (evidence.troubles.isKilledWithout(replica, grant.traded.t())) {
            return replica + " was killed before it could store them";
        }
        return evidence.wasCut(grant.trade.number("port"), grant.trade.t(), grant.traded.t())
                ? "their answer was cut by the proxy"
                : isEnded(grant) ? "their tenant was ended" : "";
    }

    private boolean isEnded(Evidence.Grant grant) {
        return evidence.revocations.isForced(grant.tenant)
                || evidence.revocations.mayBeEnded(grant.tenant, grant.traded.t());
    }
}
