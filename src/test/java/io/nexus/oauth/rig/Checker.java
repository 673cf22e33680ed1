package io.nexus.oauth.rig;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Judges a run by what its processes wrote down and what the database holds: the provider's log is right, whatever others say. */
final class Checker {

    /** The lease of those who have a grace of 24 s: after it nobody waits for the answer. */
    private static final long GIVEN_UP = 8_000_000;

    private static final long SECOND = 1_000_000;
    private static final double MOST_SHED = 0.02;

    private static final String HISTORY = """
            SELECT credential_id, (extract(epoch FROM at) * 1e6)::bigint, status, token_version, token_epoch, lease_epoch,
              coalesce((extract(epoch FROM least(expires_at, timestamptz '2100-01-01')) * 1e6)::bigint, 0)
            FROM rig_history ORDER BY id""";

    private static final String STORED = """
            SELECT credential_id, tenant_id, encrypted_refresh_token FROM oauth_credentials
            WHERE status = 'active' AND encrypted_refresh_token IS NOT NULL""";

    private static final String TRAIL = """
            SELECT credential_id, count(*) FROM audit_events WHERE operation IN ('token_refreshed', 'credential_created',
              'credential_updated', 'credential_revoked', 'reauthorization_required') GROUP BY 1""";

    private static final String TENANT_KEYS =
            "SELECT tenant_id, key_id, encrypted_key FROM tenant_keys ORDER BY tenant_id, created_at, key_id";

    private static final String OUTBOX = "SELECT credential_id, attempts FROM revocation_outbox";

    private final World world;
    private final Evidence evidence;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, List<String[]>> history = new HashMap<>();
    private final List<String[]> stored;
    private final List<String[]> trail;
    private final List<String[]> outbox;
    private final List<String[]> tenantKeys;
    private final List<Evidence.Trouble> outages;
    private final long readAt = Journal.micros();

    Checker(World world) throws IOException, SQLException {
        this.world = world;
        // first the database, at one instant, then the log of the provider, which goes on
        List<List<String[]>> tables = world.postgres().snapshot(List.of(HISTORY, STORED, TRAIL, OUTBOX, TENANT_KEYS));
        for (String[] row : tables.get(0)) {
            history.computeIfAbsent(row[0], id -> new ArrayList<>()).add(row);
        }
        stored = tables.get(1);
        trail = tables.get(2);
        outbox = tables.get(3);
        tenantKeys = tables.get(4);
        this.evidence = new Evidence(
                world.plan().directory(),
                world.replicas().stream().map(Replica::parked).toList());
        this.outages = outages(evidence.events);
    }

    Evidence evidence() {
        return evidence;
    }

    List<Finding> run() throws IOException {
        losses();
        storedGenerations();
        overlaps();
        handOuts();
        refusals();
        fences();
        audit();
        findings.add(Canaries.search(world));
        revocations();
        pool();
        recovery();
        availability();
        economy();
        dice();
        return findings;
    }

    private Finding finding(String name, String says) {
        Finding finding = new Finding(name, says);
        findings.add(finding);
        return finding;
    }

    private void losses() {
        Finding finding = finding("I1", "grants lost only where the answer could reach nobody");
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                finding.checked += call.spend == null ? 0 : 1;
                if (!call.verdict().equals("reuse")) {
                    continue;
                }
                int presented = (int) call.spend.number("gen");
                String excuse = lossAfter(grant, presented);
                if (excuse.isEmpty()) {
                    finding.violation(
                            "%s (%s): generation %d presented again at request %d, the provider was at %d; nothing excuses it",
                            grant.id, grant.provider, presented, call.spend.number("n"), call.spend.number("r"));
                } else {
                    finding.note("%s (%s) at generation %d: %s", grant.id, grant.provider, presented, excuse);
                }
            }
        }
    }

    /** Why what came after {@code generation} was lost. */
    private String lossAfter(Evidence.Grant grant, int generation) {
        Evidence.Call next = Evidence.origin(grant, generation + 1);
        return next == null ? "" : evidence.excuse(grant, next);
    }

    private void storedGenerations() {
        Finding finding = finding("I2", "the stored refresh token is the provider's current one");
        SecretSealer sealer = sealer();
        for (String[] row : stored) {
            finding.checked++;
            SecretPlace place = new SecretPlace(new TenantId(row[1]), row[0], StoredCredential.REFRESH_TOKEN);
            try {
                judgeStored(
                        finding,
                        row[0],
                        sealer.unseal(new SealedSecret(row[2]), place).reveal());
            } catch (CryptoException e) {
                finding.violation("credential %s does not open: %s", row[0], e.getMessage());
            }
        }
    }

    private SecretSealer sealer() {
        TenantKeys learnt = new TenantKeys();
        SecretSealer sealer = new SecretSealer(
                Keyring.of(world.masterKeys().values().stream().map(Secret::of).toList()), learnt);
        Map<TenantId, List<SealedTenantKey>> all = new LinkedHashMap<>();
        for (String[] row : tenantKeys) {
            TenantId tenant = new TenantId(row[0]);
            all.computeIfAbsent(tenant, id -> new ArrayList<>())
                    .add(new SealedTenantKey(tenant, row[1], new SealedSecret(row[2])));
        }
        all.forEach((tenant, keys) -> learnt.learn(tenant, keys, sealer));
        return sealer;
    }

    private void judgeStored(Finding finding, String credential, String token) {
        Evidence.Grant grant = evidence.grants.get(token.split("~")[3]);
        int stored = RigGrants.generation(token);
        if (!grant.lives(Long.MAX_VALUE - 1) || stored == grant.generation) {
            return;
        }
        Evidence.Call next = Evidence.origin(grant, stored + 1);
        if (next != null && next.spend.t() > readAt - 3 * SECOND) {
            return; // under way while this was read
        }
        String excuse = lossAfter(grant, stored);
        if (excuse.isEmpty()) {
            finding.violation(
                    "%s (%s, credential %s): %d stored, %d at the provider",
                    grant.id, grant.provider, credential, stored, grant.generation);
        } else {
            finding.note("%s (%s) behind: %s", grant.id, grant.provider, excuse);
        }
    }

    private void overlaps() {
        Finding finding = finding("I3", "one refresh in flight per grant");
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                finding.checked++;
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
        boolean repeated = World.hasGrace(grant.provider)
                && before != null
                && before.request.is("rep", call.request.text("rep"))
                && evidence.wasCut(before);
        // what was cut here may be seen there a little later, and only where a token is spent does that matter
        boolean harmless = World.hasGrace(grant.provider)
                || !RigGrants.RULES.get(grant.provider).rotates();
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

    private void handOuts() {
        Finding finding = finding("I4", "each token handed out is the account's and alive at the provider");
        for (Journal.Line line : evidence.driver) {
            if (!line.event().equals("ok")) {
                continue;
            }
            finding.checked++;
            String wrong = line.is("mine", "true") ? dead(line) : "is another account's";
            if (!wrong.isEmpty()) {
                finding.violation(
                        "%s %s: token %s/%s %s",
                        line.text("rep"), line.text("state"), line.text("g"), line.text("a"), wrong);
            }
        }
    }

    /** What was wrong with the token in an answer, by the provider's log; an empty text when it worked. */
    private String dead(Journal.Line line) {
        Evidence.Grant grant = evidence.grants.get(line.text("g"));
        int number = (int) line.number("a");
        Journal.Line born = grant.access.get(number);
        long asked = line.number("sent") - SECOND;
        if (born == null) {
            return "was never issued";
        }
        long life = (long) (Double.parseDouble(born.text("life")) * SECOND);
        long ends = born.t() + life + clockErrorAt(born.t());
        if (asked > ends && !hasWrongClock(line)) {
            return "ended " + (line.number("sent") - ends) / 1000 + " ms before it was asked for";
        }
        if (asked > grant.deadAt && !grant.revoked) {
            // A grant dies with a reuse; until the row says so nobody can know, and a reuse is judged elsewhere.
            return "";
        }
        boolean kills = RigGrants.RULES.get(grant.provider).killsAccessToken();
        Journal.Line successor = kills ? grant.access.get(number + 1) : null;
        if (successor != null && asked > knownAt(grant, successor)) {
            return "was killed by its successor";
        }
        return "";
    }

    /** By how much an end can be wrong that a replica with a wrong clock wrote down at {@code t}, for every replica to read. */
    private long clockErrorAt(long t) {
        Map<String, Long> errors = new HashMap<>();
        evidence.events.stream()
                .filter(each -> each.event().equals("clock") && each.t() < t + SECOND)
                .forEach(each -> errors.put(each.text("rep"), each.number("by") > 60 ? 0 : each.number("by")));
        return errors.values().stream().mapToLong(Long::longValue).max().orElse(0) * SECOND;
    }

    /** Whether the replica's clock was so wrong that no reserve of a token's life makes up for it. */
    private boolean hasWrongClock(Journal.Line line) {
        return evidence.events.stream()
                .filter(each -> each.event().equals("clock")
                        && each.is("rep", line.text("rep"))
                        && each.t() < line.t() + SECOND)
                .reduce((first, second) -> second)
                .filter(each -> each.number("by") > 60)
                .isPresent();
    }

    /** When the service had stored what came with {@code spend}: before that it cannot know that older tokens are dead. */
    private long knownAt(Evidence.Grant grant, Journal.Line spend) {
        String credential = evidence.credentialOfGrant.getOrDefault(grant.id, "");
        long version = 0;
        for (String[] row : history.getOrDefault(credential, List.of())) {
            long now = Long.parseLong(row[3]);
            if (Long.parseLong(row[1]) > spend.t() && now > version) {
                return Long.parseLong(row[1]);
            }
            version = Math.max(version, now);
        }
        return Long.MAX_VALUE;
    }

    private void refusals() {
        Finding finding = finding("I5", "no 'connect again' for a living grant, no token after a revocation");
        Map<String, Long> revokedAt = new HashMap<>();
        for (Journal.Line line : evidence.driver) {
            switch (line.event()) {
                case "revoked" -> revokedAt.putIfAbsent(line.text("g"), line.t());
                case "fail" -> {
                    Evidence.Grant grant = evidence.grants.get(line.text("g"));
                    if (line.is("status", "409") && grant != null) {
                        finding.checked++;
                        if (grant.lives(line.t()) && !evidence.isForgotten(grant, line.t())) {
                            finding.violation(
                                    "%s (%s): %s (%s) although the grant lives",
                                    grant.id, grant.provider, line.text("type"), line.text("code"));
                        }
                    }
                }
                case "ok" -> {
                    Long revoked = revokedAt.get(line.text("g"));
                    if (revoked != null) {
                        finding.checked++;
                        if (line.number("sent") > revoked + SECOND) {
                            finding.violation(
                                    "%s: a token %d ms after its revocation",
                                    line.text("g"), (line.number("sent") - revoked) / 1000);
                        }
                    }
                }
                default -> {}
            }
        }
    }

    private void fences() {
        Finding finding = finding("I6", "version, token epoch and lease epoch never go back");
        history.forEach((credential, rows) -> {
            for (int i = 1; i < rows.size(); i++) {
                finding.checked++;
                for (int column = 3; column <= 5; column++) {
                    if (Long.parseLong(rows.get(i)[column]) < Long.parseLong(rows.get(i - 1)[column])) {
                        finding.violation(
                                "%s: %s -> %s in column %d",
                                credential, rows.get(i - 1)[column], rows.get(i)[column], column);
                    }
                }
            }
        });
    }

    private void audit() {
        Finding finding = finding("I7", "one line in the audit trail for each change, none without");
        Map<String, Integer> changes = new TreeMap<>();
        history.forEach((credential, rows) -> {
            for (int i = 0; i < rows.size(); i++) {
                boolean moved = i == 0 || !rows.get(i)[3].equals(rows.get(i - 1)[3]);
                boolean ended =
                        i > 0 && !rows.get(i)[2].equals(rows.get(i - 1)[2]) && rows.get(i)[2].equals("reauth_required");
                if (moved || ended) {
                    changes.merge(credential, 1, Integer::sum);
                }
            }
        });
        Map<String, Integer> events = new HashMap<>();
        for (String[] row : trail) {
            events.put(row[0], Integer.parseInt(row[1]));
        }
        changes.forEach((credential, count) -> {
            finding.checked += count;
            if (!count.equals(events.get(credential))) {
                finding.violation("%s: %d changes, %s lines", credential, count, events.get(credential));
            }
        });
    }

    private void revocations() {
        Finding finding = finding("I9", "each revoked grant is revoked at the provider, nothing is left to do");
        for (String[] row : outbox) {
            finding.violation("credential %s waits for its revocation after %s attempts", row[0], row[1]);
        }
        for (Journal.Line line : evidence.driver) {
            if (line.event().equals("revoked")) {
                finding.checked++;
                Evidence.Grant grant = evidence.grants.get(line.text("g"));
                if (grant.lives(Long.MAX_VALUE - 1)) {
                    finding.violation("%s (%s) lives at the provider", grant.id, grant.provider);
                }
            }
        }
    }

    private void pool() {
        Finding finding = finding("I10", "sessions are bounded, none idles in a transaction, the pool is whole");
        long bound = 24L * world.replicas().size();
        for (Journal.Line line : evidence.samples) {
            if (line.event().equals("sample")) {
                finding.checked++;
                if (line.number("sessions") > bound) {
                    finding.violation("%d sessions, %d allowed", line.number("sessions"), bound);
                }
                if (Double.parseDouble(line.text("idle_in_transaction_s")) > 10) {
                    finding.violation(
                            "a session idles in its transaction for %s s", line.text("idle_in_transaction_s"));
                }
            }
        }
        world.poolsAtTheEnd().forEach((replica, busy) -> {
            if (busy > 0) {
                finding.violation("%s: %.0f connections in use when all is quiet", replica, busy);
            }
        });
    }

    private void recovery() {
        Finding finding = finding("I11", "nothing is overdue a minute after the last fault");
        for (Journal.Line line : evidence.events) {
            if (line.event().equals("recovered")) {
                finding.checked++;
                finding.note("%s overdue after %s ms", line.text("overdue"), line.text("ms"));
                if (line.number("overdue") > 0) {
                    finding.violation("%s overdue after %s ms", line.text("overdue"), line.text("ms"));
                }
            }
        }
    }

    private void availability() {
        Finding finding = finding("I12", "a caller whose stored token still works gets it");
        Map<String, Integer> kinds = new TreeMap<>();
        long shed = 0;
        for (Journal.Line line : evidence.driver) {
            if (!line.event().equals("fail") || line.is("type", "credential-revoked")) {
                continue;
            }
            finding.checked++;
            boolean valid = storedUntil(line.text("c"), line.number("sent"), line.t()) > line.t() + 3 * SECOND;
            boolean away = isAway(line) || stoodStill(line) || line.is("type", "shutting-down") && isEnding(line);
            String kind = line.text("type") + "/" + line.text("code") + (valid ? " with a valid token" : "")
                    + (away ? " (database or replica away)" : "");
            kinds.merge(kind, 1, Integer::sum);
            Evidence.Grant grant = evidence.grants.get(line.text("g"));
            if (line.is("status", "500")) {
                finding.violation("%s: 500: that is no answer", line.text("c"));
            } else if (valid && !away && line.is("type", "storage-unavailable")) {
                shed++;
            } else if (valid && !away && (grant == null || grant.lives(line.t()))) {
                finding.violation(
                        "%s: %s %s although its token was good for more", line.text("c"), line.text("status"), kind);
            }
        }
        long answers = evidence.driver.stream()
                .filter(line -> line.event().equals("ok"))
                .count();
        long lost = evidence.driver.stream()
                .filter(line -> line.event().equals("io"))
                .count();
        finding.checked += answers;
        // a replica that has more to do than it can tells callers to come back; on a machine this small that happens at
        // restarts
        if (shed > answers * MOST_SHED) {
            finding.violation(
                    "%d callers were told to come back with a database at hand, %d got tokens", shed, answers);
        }
        finding.note("%d answers with a token, %d requests lost with their replica, others: %s", answers, lost, kinds);
    }

    /** Whether the database could not be reached by the replica that gave the answer {@code line}. */
    private boolean isAway(Journal.Line line) {
        return outages.stream()
                .anyMatch(
                        each -> (each.replica().equals("all") || each.replica().equals(line.text("rep")))
                                && line.t() > each.from()
                                && line.number("sent") < each.to() + 3 * SECOND);
    }

    /** Whether the replica was paused while it had the request: its deadlines are over when it wakes up. */
    private boolean stoodStill(Journal.Line line) {
        return evidence.troubles.stream().anyMatch(each -> each.what().equals("paused") && befell(each, line));
    }

    /** Whether the replica had been told to end: who still gets through to it is sent away. */
    private boolean isEnding(Journal.Line line) {
        return evidence.endings.stream().anyMatch(each -> befell(each, line));
    }

    private static boolean befell(Evidence.Trouble trouble, Journal.Line line) {
        return trouble.replica().equals(line.text("rep"))
                && line.t() > trouble.from()
                && line.number("sent") < trouble.to();
    }

    private static List<Evidence.Trouble> outages(List<Journal.Line> events) {
        List<Evidence.Trouble> outages = new ArrayList<>();
        for (Journal.Line line : events) {
            if (line.event().equals("database_away")) {
                long to = events.stream()
                        .filter(each -> each.event().equals("database_back") && each.t() > line.t())
                        .mapToLong(Journal.Line::t)
                        .findFirst()
                        .orElse(Long.MAX_VALUE / 2);
                outages.add(new Evidence.Trouble(line.text("rep"), "away", line.t(), to));
            }
        }
        return outages;
    }

    /** Until when the access token is good that was stored all the time from {@code from} to {@code to}; 0 when there was none. */
    private long storedUntil(String credential, long from, long to) {
        long until = 0;
        for (String[] row : history.getOrDefault(credential, List.of())) {
            long at = Long.parseLong(row[1]);
            long good = row[2].equals("revoked") ? 0 : Long.parseLong(row[6]);
            if (at <= from - SECOND) {
                until = good;
            } else if (at <= to) {
                until = Math.min(until, good);
            }
        }
        return until;
    }

    private void economy() {
        Finding finding = finding("I13", "no request without need, no connection used twice, the journal is done");
        long calls = 0;
        long wasted = 0;
        for (Evidence.Grant grant : evidence.grants.values()) {
            for (Evidence.Call call : grant.calls.values()) {
                calls++;
                boolean kept = call.granted()
                        && call.delivered()
                        && evidence.excuse(grant, call).isEmpty();
                wasted += kept ? 0 : 1;
            }
        }
        long commits = history.values().stream()
                .mapToLong(rows -> rows.stream()
                        .filter(row -> !row[4].equals("0"))
                        .map(row -> row[4])
                        .distinct()
                        .count())
                .sum();
        finding.checked = calls;
        finding.note("%d requests, %d of them without a kept answer, %d results stored", calls, wasted, commits);
        if (calls - wasted > commits * 1.05 + 5) {
            finding.violation("%d answers were good and only %d were stored", calls - wasted, commits);
        }
        for (Journal.Line line : evidence.events) {
            if (line.event().equals("unstored") && line.number("answers") > 0) {
                finding.violation("%s answers are in a journal and not in the database", line.text("answers"));
            }
        }
        if (!evidence.reused.isEmpty()) {
            finding.violation("%d requests came on a connection that was used before", evidence.reused.size());
        }
    }

    private void dice() {
        Finding finding = finding("I14", "the same seed gives the same dice");
        for (Evidence.Grant grant : evidence.grants.values()) {
            grant.calls.forEach((n, call) -> {
                if (call.spend != null && !call.spend.is("fault", "NONE")) {
                    finding.checked++;
                    String again =
                            Dice.of(world.plan().seed(), grant.id, n).fault().name();
                    if (!call.spend.is("fault", again)) {
                        finding.violation(
                                "%s request %d: %s, and again %s", grant.id, n, call.spend.text("fault"), again);
                    }
                }
            });
        }
    }
}
