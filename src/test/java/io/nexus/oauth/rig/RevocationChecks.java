package io.nexus.oauth.rig;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** I5 and I9: a living grant is never refused, a revoked one is never handed out, here and at the provider. */
final class RevocationChecks {

    private static final long SECOND = 1_000_000;

    private final Checker checker;
    private final Evidence evidence;
    private final Revocations revocations;
    private final Set<String> judged = new HashSet<>();
    private long late;

    RevocationChecks(Checker checker) {
        this.checker = checker;
        this.evidence = checker.evidence();
        this.revocations = evidence.revocations;
    }

    /** Whether {@code line} says that somebody ended the credential or its tenant. */
    static boolean isAboutRevocation(Journal.Line line) {
        return Set.of("credential-revoked", "tenant-shredded").contains(line.text("type"));
    }

    void run() {
        for (Journal.Line line : evidence.driver) {
            switch (line.event()) {
                case "ok" -> answered(line);
                case "fail" -> refused(line);
                case "revoked" -> revoked(line);
                default -> {}
            }
        }
        if (late > 0) {
            checker.finding(Invariant.I5)
                    .note("%d tokens after their revocation from a replica that could not hear of it", late);
        }
        checker.trail()
                .stored()
                .waiting()
                .forEach(each -> checker.finding(Invariant.I9).violation("%s", each));
        crossed();
        endedTenants();
    }

    private void answered(Journal.Line line) {
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        if (grant == null) {
            return; // I4 says so
        }
        checker.looked(Subject.ANSWERS, line);
        after(line, grant);
        long sent = line.number("sent");
        boolean revoked = sent > revocations.revokedAt(grant.id) + SECOND;
        if (!revoked && !revocations.isEnded(grant.tenant, sent)) {
            return;
        }
        if (evidence.troubles.isDeaf(line)) {
            late++;
        } else {
            checker.finding(Invariant.I5)
                    .violation(
                            "%s: a token from %s %d ms after the revocation of %s",
                            grant.id,
                            line.text("rep"),
                            (sent - (revoked ? revocations.revokedAt(grant.id) : ended(grant))) / 1000,
                            revoked ? "its grant" : "its tenant");
        }
    }

    private long ended(Evidence.Grant grant) {
        return revocations.ends().get(grant.tenant).answered();
    }

    private void after(Journal.Line line, Evidence.Grant grant) {
        if (revocations.isRevoked(line) || revocations.isEnded(grant.tenant, line.number("sent"))) {
            checker.looked(Subject.AFTER_REVOCATION, line);
        }
    }

    private void refused(Journal.Line line) {
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        if (grant == null) {
            return; // nobody connected it yet
        }
        boolean ended = revocations.mayBeEnded(grant.tenant, line.t());
        if (isAboutRevocation(line)) {
            checker.looked(Subject.ANSWERS, line);
            after(line, grant);
            if (!ended && !revocations.mayBeRevoked(line)) {
                checker.finding(Invariant.I5)
                        .violation(
                                "%s (%s): %s although nobody revoked it", grant.id, grant.provider, line.text("type"));
            }
        } else if (line.is("status", "409")) {
            checker.looked(Subject.ANSWERS, line);
            checker.looked(Subject.REFUSALS, line);
            if (grant.lives(line.t()) && !evidence.isForgotten(grant, line.t()) && !ended) {
                checker.finding(Invariant.I5)
                        .violation(
                                "%s (%s): %s (%s) although the grant lives",
                                grant.id, grant.provider, line.text("type"), line.text("code"));
            }
        }
    }

    private void revoked(Journal.Line line) {
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        if (grant.lives() && revocations.isForced(grant.tenant)) {
            return; // its tenant was ended before the provider could be asked
        }
        if (!judged.add(grant.id)) {
            return; // who waits for the end of a tenant asks again and again
        }
        checker.looked(Subject.REVOKED, line);
        livesOn(grant);
    }

    private void livesOn(Evidence.Grant grant) {
        if (!grant.lives()) {
            return;
        }
        Finding finding = checker.finding(Invariant.I9);
        String excuse = grant.survived.isEmpty() ? "" : excuse(grant, grant.survived.getLast());
        if (excuse.isEmpty()) {
            finding.violation("%s (%s) lives at the provider", grant.id, grant.provider);
        } else {
            finding.note("%s (%s) lives at the provider: %s", grant.id, grant.provider, excuse);
        }
    }

    /** Why nobody can have revoked what came after the token that was revoked with {@code line}; empty when nothing excuses it. */
    private String excuse(Evidence.Grant grant, Journal.Line line) {
        Evidence.Call born = Evidence.origin(grant, (int) line.number("gen") + 1);
        String loss = born == null ? "" : evidence.excuse(grant, born);
        return loss.isEmpty() && born != null && revocations.mayBeEnded(grant.tenant, born.end.t())
                ? "its tenant was ended before the answer came"
                : loss;
    }

    /** Tokens that were born across a revocation are revoked, too, and nobody gets one. */
    private void crossed() {
        Map<String, Evidence.Call> born = new HashMap<>();
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Journal.Line line : grant.survived) {
                if (excuse(grant, line).isEmpty()) {
                    checker.looked(Subject.BORN, line);
                }
                Evidence.Call call = Evidence.origin(grant, (int) line.number("gen") + 1);
                if (call != null && call.end != null && call.end.t() > revocations.revokedAt(grant.id)) {
                    born.put(grant.id + "/" + call.spend.text("a"), call);
                }
            }
            if (!grant.survived.isEmpty() && !revocations.isForced(grant.tenant) && judged.add(grant.id)) {
                livesOn(grant);
            }
        }
        evidence.driver.stream()
                .filter(line -> line.event().equals("ok") && !evidence.troubles.isDeaf(line))
                .filter(line -> born.containsKey(line.text("g") + "/" + line.text("a")))
                .forEach(line -> checker.finding(Invariant.I5)
                        .violation(
                                "%s: a token from %s that was born across the revocation of its grant",
                                line.text("g"), line.text("rep")));
    }

    private void endedTenants() {
        revocations.ends().forEach((tenant, end) -> {
            Integer left = checker.trail().stored().leftovers().get(tenant);
            checker.looked(
                    Subject.ENDED_TENANTS, end.answered() >= checker.trail().began() ? 1 : 0);
            if (left == null) {
                checker.finding(Invariant.I9)
                        .violation("tenant %s was ended, and the database does not say so", tenant);
            } else if (left > 0) {
                checker.finding(Invariant.I9).violation("tenant %s was ended, and %d rows are left", tenant, left);
            }
        });
    }
}
