package io.nexus.oauth.rig;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import io.nexus.oauth.testing.RotatingGrant;
import java.util.HashSet;
import java.util.Set;

/** I1, I2 and I3: no grant is lost, the newest token is stored, one refresh at a time. */
final class GrantChecks {

    /** The lease of those that have a grace of 24 s: after it nobody waits for the answer. */
    private static final long GIVEN_UP = 8_000_000;

    private static final long UNDER_WAY = 3_000_000;

    private final Checker checker;
    private final Evidence evidence;

    GrantChecks(Checker checker) {
        this.checker = checker;
        this.evidence = checker.evidence();
    }

    /** Returns the grants whose refresh tokens are stored. */
    Set<String> run() {
        losses();
        Set<String> stored = storedGenerations();
        overlaps();
        return stored;
    }

    private void losses() {
        Finding finding = checker.finding(Invariant.I1);
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                if (call.granted() && evidence.excuse(grant, call).isEmpty()) {
                    checker.looked(Subject.INEXCUSABLE, call.spend);
                }
                if (call.verdict().equals("reuse")) {
                    loss(finding, grant, call);
                }
            }
        }
    }

    private void loss(Finding finding, Evidence.Grant grant, Evidence.Call call) {
        int presented = (int) call.spend.number("gen");
        String excuse = evidence.lossAfter(grant, presented);
        if (excuse.isEmpty()) {
            finding.violation(
                    "%s (%s): generation %d presented again at request %d, the provider was at %d; nothing excuses it",
                    grant.id, grant.provider, presented, call.spend.number("n"), call.spend.number("r"));
        } else {
            finding.note("%s (%s) at generation %d: %s", grant.id, grant.provider, presented, excuse);
        }
    }

    private Set<String> storedGenerations() {
        Finding finding = checker.finding(Invariant.I2);
        Set<String> grants = new HashSet<>();
        SecretSealer sealer = sealer();
        for (Snapshot.StoredToken stored : checker.trail().stored().tokens()) {
            SecretPlace place = new SecretPlace(stored.tenant(), stored.credential(), StoredCredential.REFRESH_TOKEN);
            try {
                String token = sealer.unseal(stored.sealed(), place).reveal();
                grants.add(token.split("~")[3]);
                judgeStored(finding, stored.credential(), token);
            } catch (CryptoException e) {
                finding.violation("credential %s does not open: %s", stored.credential(), e.getMessage());
            }
        }
        return grants;
    }

    private SecretSealer sealer() {
        TenantKeys learnt = new TenantKeys();
        SecretSealer sealer = new SecretSealer(
                Keyring.of(checker.trail().masterKeys().stream().map(Secret::of).toList()), learnt);
        checker.trail().stored().tenantKeys().forEach((tenant, keys) -> learnt.learn(tenant, keys, sealer));
        return sealer;
    }

    private void judgeStored(Finding finding, String credential, String token) {
        Evidence.Grant grant = evidence.grants.get(token.split("~")[3]);
        if (!grant.lives()) {
            return; // whatever is stored of it is of no use
        }
        checker.looked(Subject.STORED, 1);
        int stored = RigGrants.generation(token);
        if (stored == grant.generation) {
            return;
        }
        Evidence.Call next = Evidence.origin(grant, stored + 1);
        if (next != null && next.spend.t() > checker.trail().stored().readAt() - UNDER_WAY) {
            return; // under way while this was read
        }
        String excuse = evidence.lossAfter(grant, stored);
        if (excuse.isEmpty()) {
            finding.violation(
                    "%s (%s, credential %s): %d stored, %d at the provider",
                    grant.id, grant.provider, credential, stored, grant.generation);
        } else {
            finding.note("%s (%s) behind: %s", grant.id, grant.provider, excuse);
        }
    }

    private void overlaps() {
        Finding finding = checker.finding(Invariant.I3);
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                checker.looked(Subject.REQUESTS, call.request);
                if (call.request.number("conc") > 1) {
                    overlap(finding, grant, call);
                }
            }
        }
    }

    /** Within a grace the same owner repeats what was cut at once, while the provider may still work on it. */
    private void overlap(Finding finding, Evidence.Grant grant, Evidence.Call call) {
        int n = (int) call.request.number("n");
        Evidence.Call before = grant.calls.get(n - 1);
        boolean repeated = ReplicaSettings.hasGrace(grant.provider)
                && before != null
                && before.request.is("rep", call.request.text("rep"))
                && evidence.wasCut(before);
        // what was cut here may be seen there a little later, and only where a token is spent does that matter
        boolean harmless = ReplicaSettings.hasGrace(grant.provider)
                || !RotatingGrant.RULES.get(grant.provider).rotates();
        if (harmless && isGivenUp(grant, call)) {
            finding.note("%s (%s): request %d came after an older one was given up", grant.id, grant.provider, n);
        } else if (repeated) {
            finding.note("%s (%s): request %d repeats one that was cut", grant.id, grant.provider, n);
        } else {
            finding.violation("%s (%s): request %d overlaps another", grant.id, grant.provider, n);
        }
    }

    /** Whether nobody waited any more for the answers that the provider still owed. */
    private static boolean isGivenUp(Evidence.Grant grant, Evidence.Call call) {
        long now = call.request.t();
        return grant.calls.headMap((int) call.request.number("n")).values().stream()
                .filter(each -> each.end == null || each.end.t() > now)
                .allMatch(each -> each.request.t() < now - GIVEN_UP);
    }
}
