package io.nexus.oauth.rig;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** I6, I7, I10 and I11: what the database holds, who uses it and what is left to do. */
final class DatabaseChecks {

    private static final long SESSIONS_EACH = 24;
    private static final double MOST_IDLE_S = 10;

    private final Checker checker;
    private final Trail trail;

    DatabaseChecks(Checker checker) {
        this.checker = checker;
        this.trail = checker.trail();
    }

    void run() {
        trail.stored().history().forEach(this::fences);
        audit();
        samples();
        pools();
        recovery();
    }

    private void fences(String credential, List<Snapshot.State> states) {
        for (int i = 1; i < states.size(); i++) {
            Snapshot.State before = states.get(i - 1);
            Snapshot.State now = states.get(i);
            checker.looked(Subject.STATES, now.at() >= trail.began() ? 1 : 0);
            forwards(credential, "version", before.version(), now.version());
            forwards(credential, "token epoch", before.tokenEpoch(), now.tokenEpoch());
            forwards(credential, "lease epoch", before.leaseEpoch(), now.leaseEpoch());
        }
    }

    private void forwards(String credential, String what, long before, long now) {
        if (now < before) {
            checker.finding(Invariant.I6).violation("%s: %s %d -> %d", credential, what, before, now);
        }
    }

    private void audit() {
        Map<String, Integer> changes = new TreeMap<>();
        trail.stored().history().forEach((credential, states) -> {
            for (int i = 0; i < states.size(); i++) {
                if (isChange(i == 0 ? null : states.get(i - 1), states.get(i))) {
                    changes.merge(credential, 1, Integer::sum);
                    checker.looked(Subject.CHANGES, states.get(i).at() >= trail.began() ? 1 : 0);
                }
            }
        });
        Set<String> all = new HashSet<>(changes.keySet());
        all.addAll(trail.stored().audited().keySet());
        for (String credential : all) {
            int changed = changes.getOrDefault(credential, 0);
            int lines = trail.stored().audited().getOrDefault(credential, 0);
            if (changed != lines) {
                checker.finding(Invariant.I7).violation("%s: %d changes, %d lines", credential, changed, lines);
            }
        }
    }

    private static boolean isChange(Snapshot.State before, Snapshot.State now) {
        return before == null
                || now.version() != before.version()
                || now.status().equals("reauth_required") && !before.status().equals(now.status());
    }

    private void samples() {
        Finding finding = checker.finding(Invariant.I10);
        long bound = SESSIONS_EACH * trail.replicas();
        for (Journal.Line line : checker.evidence().samples) {
            if (!line.event().equals("sample")) {
                continue;
            }
            if (line.number("sessions") > 0) {
                checker.looked(Subject.SAMPLES, line);
            }
            if (line.number("sessions") > bound) {
                finding.violation("%d sessions, %d allowed", line.number("sessions"), bound);
            }
            if (Double.parseDouble(line.text("idle_in_transaction_s")) > MOST_IDLE_S) {
                finding.violation("a session idles in its transaction for %s s", line.text("idle_in_transaction_s"));
            }
        }
    }

    private void pools() {
        Finding finding = checker.finding(Invariant.I10);
        trail.pools().forEach((replica, busy) -> {
            if (busy.isEmpty()) {
                finding.violation("%s does not say how many connections are in use", replica);
                return;
            }
            checker.looked(Subject.POOLS, 1);
            if (busy.getAsDouble() > 0) {
                finding.violation("%s: %.0f connections in use when all is quiet", replica, busy.getAsDouble());
            }
        });
    }

    private void recovery() {
        Finding finding = checker.finding(Invariant.I11);
        for (Journal.Line line : checker.evidence().events) {
            if (!line.event().equals("recovered")) {
                continue;
            }
            checker.looked(Subject.RECOVERIES, line);
            checker.looked(Subject.SCHEDULED, trail.isNew(line) ? line.number("scheduled") : 0);
            finding.note("%s overdue after %s ms", line.text("overdue"), line.text("ms"));
            if (line.number("overdue") > 0) {
                finding.violation("%s overdue after %s ms", line.text("overdue"), line.text("ms"));
            }
        }
    }
}
