package io.nexus.oauth.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.audit.ChainVerifier.Anchor;
import io.nexus.oauth.audit.ChainVerifier.Verdict;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.audit.ChainStore;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever changes the trail in the database is found out. */
@QuarkusTest
@TestProfile(QuietProfile.class)
class ChainIT {

    @Inject
    ChainStore chain;

    @Inject
    ChainMac macs;

    @Inject
    ChainWalk walk;

    @Inject
    Retention retention;

    @Inject
    Event<AuditSignal> signals;

    @Inject
    AgroalDataSource dataSource;

    private TestDatabase database;
    private ChainSealer sealer;
    private ChainVerifier verifier;

    @BeforeEach
    void tenLines() {
        database = new TestDatabase(dataSource);
        clear();
        for (int i = 1; i <= 10; i++) {
            line("line_" + i);
        }
        sealer = newSealer();
        verifier = new ChainVerifier(chain, walk, macs, sealer);
        sealAll(sealer);
    }

    @AfterEach
    void clear() {
        database.run("DELETE FROM audit_chain");
        database.run("DELETE FROM audit_checkpoints");
        database.run("DELETE FROM audit_chain_keys");
        database.run("DELETE FROM audit_events");
    }

    @Test
    void anUntouchedTrailIsIntact() {
        Verdict verdict = verify();

        assertThat(verdict.fault()).isNull();
        assertThat(verdict.checked()).isEqualTo(10);
        assertThat(verdict.seq()).isEqualTo(10);
        assertThat(verdict.ended()).isTrue();
    }

    @Test
    void everyColumnIsSealed() {
        for (String change : List.of(
                "happened_at = happened_at + interval '1 microsecond'",
                "tenant_id = ' '",
                "operation = 'other'",
                "credential_id = gen_random_uuid()",
                "provider = ''",
                "user_email = 'eve'",
                "actor = 'eve'",
                "detail = 'x'",
                "subject = 'x'",
                "source = '127.0.0.2'",
                "token_version = 7",
                "times = 2",
                "token_fingerprint = 'x'")) {
            database.run("DROP TABLE IF EXISTS kept");
            database.run("CREATE TABLE kept AS SELECT * FROM audit_events WHERE operation = 'line_4'");
            long id = id("line_4");
            database.run("UPDATE audit_events SET " + change + " WHERE event_id = " + id);

            Verdict verdict = verify();

            assertThat(verdict.kind()).as(change).isEqualTo("changed");
            assertThat(verdict.faultSeq()).isEqualTo(4);
            assertThat(verdict.faultLine()).isEqualTo(id);
            assertThat(verdict.checked()).isEqualTo(3);
            database.run("DELETE FROM audit_events WHERE event_id = " + id);
            database.run("INSERT INTO audit_events OVERRIDING SYSTEM VALUE SELECT * FROM kept");
        }
        database.run("DROP TABLE kept");
        assertThat(verify().fault()).isNull();
    }

    @Test
    void aDeletedLineIsMissed() {
        long id = id("line_6");
        database.run("DELETE FROM audit_events WHERE event_id = " + id);

        assertFault("deleted", 6, id);
    }

    @Test
    void aDeletedLineIsMissedWithItsEntryToo() {
        long id = id("line_6");
        database.run("DELETE FROM audit_events WHERE event_id = " + id);
        database.run("DELETE FROM audit_chain WHERE event_id = " + id);
        assertFault("deleted", 6, null);

        database.run("UPDATE audit_chain SET seq = seq - 1 WHERE seq > 6");
        assertFault("changed", 6, id("line_7"));
    }

    @Test
    void theStartOfTheTrailIsMissedToo() {
        database.run("DELETE FROM audit_events WHERE event_id <= " + id("line_3"));
        database.run("DELETE FROM audit_chain WHERE seq <= 3");

        assertFault("deleted", 1, null);
    }

    @Test
    void aLineThatWasPutInLaterIsFound() {
        clear();
        tenLinesWithGaps();
        long gap = id("line_5") + 1;
        database.run("INSERT INTO audit_events (event_id, tenant_id, operation, actor) OVERRIDING SYSTEM VALUE VALUES ("
                + gap + ", 'default', 'forged', 'eve')");

        assertFault("inserted", 6, gap);
    }

    @Test
    void aLineBeforeTheFirstIsFound() {
        database.run("INSERT INTO audit_events (event_id, tenant_id, operation, actor) OVERRIDING SYSTEM VALUE VALUES"
                + " (-5, 'default', 'forged', 'eve')");

        assertFault("inserted", 1, -5L);
    }

    @Test
    void linesThatChangedPlacesAreFound() {
        database.run("UPDATE audit_events SET operation = CASE operation WHEN 'line_3' THEN 'line_8' ELSE 'line_3' END"
                + " WHERE operation IN ('line_3', 'line_8')");

        assertFault("changed", 3, null);
    }

    @Test
    void entriesThatChangedPlacesAreFound() {
        database.run("UPDATE audit_chain SET seq = seq + 100 WHERE seq = 3");
        database.run("UPDATE audit_chain SET seq = 3 WHERE seq = 8");
        database.run("UPDATE audit_chain SET seq = 8 WHERE seq = 103");

        assertThat(verify().kind()).isIn("changed", "inserted");
        assertThat(verify().checked()).isLessThanOrEqualTo(3);
        database.run("UPDATE audit_chain SET event_id = -event_id WHERE seq = 3");
        assertThat(verify().kind()).isIn("deleted", "reordered");
    }

    @Test
    void anAnchorShowsWhatWasCutOff() {
        Anchor anchor = new Anchor(verify().seq(), verify().mac());
        database.run("DELETE FROM audit_events WHERE event_id > " + id("line_8"));
        database.run("DELETE FROM audit_chain WHERE seq > 8");
        ChainVerifier stranger = new ChainVerifier(chain, walk, macs, newSealer());

        assertThat(await(stranger.verify(Optional.empty(), 0, 1000)).fault()).isNull();
        Verdict verdict = await(stranger.verify(Optional.of(anchor), 0, 1000));
        assertThat(verdict.kind()).isEqualTo("truncated");
        assertThat(verdict.faultSeq()).isEqualTo(9);

        // and what grew over it is not what was there
        line("line_9");
        line("line_10");
        line("line_11");
        sealAll(newSealer());
        verdict = await(stranger.verify(Optional.of(anchor), 0, 1000));
        assertThat(verdict.kind()).isEqualTo("replaced");
        assertThat(verdict.faultSeq()).isEqualTo(10);
    }

    @Test
    void aProcessRemembersTheHeadAndRaisesTheAlarm() {
        double before = Api.metric("nexus_oauth_alarms_total", "chain_broken");
        database.run("DELETE FROM audit_events WHERE event_id > " + id("line_8"));
        database.run("DELETE FROM audit_chain WHERE seq > 8");

        await(sealer.tick());
        await(sealer.tick());

        assertThat(Api.metric("nexus_oauth_alarms_total", "chain_broken")).isEqualTo(before + 1);
        assertThat(verify().kind()).isEqualTo("truncated");
    }

    @Test
    void aForgedCheckpointIsNoCoverForACutTrail() {
        double before = Api.metric("nexus_oauth_alarms_total", "chain_broken");
        database.run("INSERT INTO audit_checkpoints (seq, event_id, chain_mac, key_id, mac)"
                + " SELECT 9000000000, 9000000000, mac, key_id, mac FROM audit_chain WHERE seq = 10");
        database.run("DELETE FROM audit_events WHERE event_id > " + id("line_8"));
        database.run("DELETE FROM audit_chain WHERE seq > 8");

        await(sealer.tick());
        database.run("DELETE FROM audit_checkpoints");
        await(sealer.tick());

        assertThat(Api.metric("nexus_oauth_alarms_total", "chain_broken")).isEqualTo(before + 1);
        assertThat(verify().kind()).isEqualTo("truncated");
    }

    @Test
    void aSignedCheckpointExplainsWhereTheKnownEntryWent() {
        double before = Api.metric("nexus_oauth_alarms_total", "chain_broken");
        ChainSealer behind = newSealer();
        await(behind.tick());
        sealAll(behind);
        line("line_11");
        sealAll(sealer);
        age("event_id <= " + id("line_10"));
        resealed();
        await(retention.run(Instant.now().minus(Duration.ofDays(366)), 0));

        await(behind.tick());

        assertThat(Api.metric("nexus_oauth_alarms_total", "chain_broken")).isEqualTo(before);
        assertThat(behind.lastSeen().seq()).isEqualTo(11);
    }

    @Test
    void noLineIsSealedBeforeAllThatMayComeBeforeIt() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement open = connection.createStatement()) {
            connection.setAutoCommit(false);
            open.execute("INSERT INTO audit_events (tenant_id, operation, actor) VALUES ('default', 'slow', 'tester')");
            line("fast");
            sealAll(sealer);
            sealAll(sealer);
            assertThat(await(chain.head()).orElseThrow().seq()).isEqualTo(10);
            connection.commit();
        }
        sealAll(sealer);

        assertThat(await(chain.head()).orElseThrow().eventId()).isEqualTo(id("fast"));
        assertThat(verify().fault()).isNull();
        assertThat(verify().checked()).isEqualTo(12);
    }

    @Test
    void aNumberThatIsNotInATransactionYetIsWaitedForByTime() {
        ChainSealer patient = new ChainSealer(chain, macs, signals, Duration.ofMinutes(1));
        line("late");
        for (int i = 0; i < 5; i++) {
            await(patient.tick());
        }

        assertThat(await(chain.head()).orElseThrow().seq()).isEqualTo(10);
    }

    @Test
    void replicasThatSealAtOnceMakeOneChain() {
        List<ChainSealer> sealers = List.of(newSealer(), newSealer(), newSealer(), newSealer());
        for (int round = 0; round < 20; round++) {
            line("round_" + round);
            line("round_" + round);
            CompletableFuture<?>[] ticks = sealers.stream()
                    .map(each -> each.tick().subscribeAsCompletionStage())
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(ticks).join();
        }
        sealers.forEach(this::sealAll);

        assertThat(verify().fault()).isNull();
        assertThat(verify().checked()).isEqualTo(50);
    }

    @Test
    void oldLinesGoAndTheRestStaysVerifiable() {
        Anchor gone = new Anchor(3, await(chain.entry(3)).orElseThrow().mac());
        age("event_id <= " + id("line_6"));
        resealed();

        assertThat(await(retention.run(Instant.now().minus(Duration.ofDays(366)), 0)))
                .isEqualTo(6);

        assertThat(database.count("SELECT count(*) FROM audit_events")).isEqualTo(4);
        assertThat(verify().fault()).isNull();
        assertThat(verify().checked()).isEqualTo(4);
        assertThatThrownBy(() -> await(verifier.verify(Optional.of(gone), 0, 1000)))
                .isInstanceOf(IllegalArgumentException.class);
        line("line_11");
        sealAll(sealer);
        assertThat(verify().checked()).isEqualTo(5);
        // the new start is signed
        database.run("DELETE FROM audit_events WHERE event_id = " + id("line_7"));
        database.run("DELETE FROM audit_chain WHERE seq = 7");
        assertFault("deleted", 7, null);
        database.run("UPDATE audit_checkpoints SET (seq, event_id, chain_mac) ="
                + " (SELECT seq, event_id, mac FROM audit_chain WHERE seq = 8)");
        assertFault("checkpoint", 8, null);
    }

    /** The chain is too long to be counted, so what it needs is noted with each entry and goes with the entries. */
    @Test
    void theKeysOfTheChainAreKnownUntilItsEntriesAreGone() {
        String first = await(chain.head()).orElseThrow().keyId();
        assertThat(await(chain.keys())).containsOnly(Map.entry("chain", Set.of(first)));
        assertThat(database.one("SELECT last_seq FROM audit_chain_keys")).isEqualTo("10");
        List<ChainEntry> behind = List.of(
                new ChainEntry(11, id("line_10") + 1, "aaaaaaaa", "x"),
                new ChainEntry(12, id("line_10") + 2, "bbbbbbbb", "x"));
        assertThat(await(chain.append(9, behind))).isFalse();
        assertThat(await(chain.keys()).get("chain")).containsExactly(first);
        assertThat(await(chain.append(10, behind))).isTrue();
        assertThat(await(chain.keys()).get("chain")).containsExactlyInAnyOrder(first, "aaaaaaaa", "bbbbbbbb");

        await(chain.purge(new ChainCheckpoint(10, id("line_10"), "x", "bbbbbbbb", "x")));
        assertThat(await(chain.keys()).get("chain")).containsExactlyInAnyOrder("aaaaaaaa", "bbbbbbbb");
        await(chain.purge(new ChainCheckpoint(11, behind.getFirst().eventId(), "x", "cccccccc", "x")));
        assertThat(await(chain.keys()).get("chain")).containsExactlyInAnyOrder("bbbbbbbb", "cccccccc");
        assertThat(database.one("SELECT key_id FROM audit_chain_keys")).isEqualTo("bbbbbbbb");
    }

    @Test
    void theKeysOfFingerprintsAreKnown() {
        for (String fingerprint : List.of(
                "00000000." + "0".repeat(64),
                "00000000." + "f".repeat(64),
                "9a9a9a9a." + "1".repeat(64),
                "ffffffff." + "f".repeat(64),
                "not one of ours")) {
            database.run("INSERT INTO audit_events (tenant_id, operation, actor, token_fingerprint)"
                    + " SELECT 'default', 'token_handed_out', 'x', '" + fingerprint + "' FROM generate_series(1, 3)");
        }

        assertThat(await(chain.keys()).get("fingerprints"))
                .containsExactlyInAnyOrder("00000000", "9a9a9a9a", "ffffffff");
    }

    @Test
    void theLastEntryStaysHoweverOldItIs() {
        age("true");
        resealed();

        assertThat(await(retention.run(Instant.now(), 0))).isEqualTo(9);

        line("line_11");
        sealAll(sealer);
        assertThat(verify().fault()).isNull();
        assertThat(verify().seq()).isEqualTo(11);
    }

    @Test
    void whatWasTamperedWithIsNotDeletedByItsAge() {
        age("true");
        resealed();
        database.run("UPDATE audit_events SET actor = 'eve' WHERE operation = 'line_2'");

        assertThat(await(retention.run(Instant.now(), 0))).isZero();

        assertThat(database.count("SELECT count(*) FROM audit_events")).isEqualTo(10);
        assertFault("changed", 2, id("line_2"));
    }

    @Test
    void aLongTrailIsVerifiedInParts() {
        Verdict first = await(verifier.verify(Optional.empty(), 0, 4));
        assertThat(first.ended()).isFalse();
        assertThat(first.checked()).isEqualTo(4);
        database.run("UPDATE audit_events SET actor = 'eve' WHERE operation = 'line_9'");

        Verdict second = await(verifier.verify(Optional.empty(), first.seq(), 100));

        assertThat(second.kind()).isEqualTo("changed");
        assertThat(second.faultSeq()).isEqualTo(9);
        assertThat(second.checked()).isEqualTo(4);
    }

    @Test
    void theAuditorAsksOverRest() {
        String key = Api.newTenant();
        sealAll(sealer);
        Response verification = Api.as(key).get("/api/v1/audit/verify");
        verification.then().statusCode(200);
        assertThat(verification.<Boolean>path("intact")).isTrue();
        assertThat(verification.<Integer>path("checked")).isEqualTo(11);
        String anchor = verification.path("anchor");
        assertThat(Api.as(key)
                        .queryParam("anchor", anchor)
                        .get("/api/v1/audit/verify")
                        .<Boolean>path("intact"))
                .isTrue();

        database.run("UPDATE audit_events SET actor = 'eve' WHERE operation = 'line_9'");
        Response broken = Api.as(key).get("/api/v1/audit/verify");
        assertThat(broken.<Boolean>path("intact")).isFalse();
        assertThat(broken.<String>path("fault.kind")).isEqualTo("changed");
        assertThat(broken.<Integer>path("fault.seq")).isEqualTo(9);
        for (String wrong : List.of("anchor=x", "anchor=5", "cursor=-1", "cursor=4711")) {
            Api.assertProblem(Api.as(key).get("/api/v1/audit/verify?" + wrong), 400, "invalid-request");
        }
    }

    /** As if a time machine had written them. */
    private void age(String which) {
        database.run("UPDATE audit_events SET happened_at = happened_at - interval '2 years' WHERE " + which);
    }

    private void resealed() {
        database.run("DELETE FROM audit_chain");
        sealer = newSealer();
        verifier = new ChainVerifier(chain, walk, macs, sealer);
        sealAll(sealer);
    }

    private void tenLinesWithGaps() {
        for (int i = 1; i <= 10; i++) {
            database.run("SELECT nextval(pg_get_serial_sequence('audit_events', 'event_id'))");
            line("line_" + i);
        }
        resealed();
    }

    private ChainSealer newSealer() {
        return new ChainSealer(chain, macs, signals, Duration.ZERO);
    }

    private void sealAll(ChainSealer each) {
        await(each.tick());
        await(each.tick());
        await(each.tick());
    }

    private void assertFault(String kind, long seq, Long line) {
        Verdict verdict = verify();
        assertThat(verdict.kind()).isEqualTo(kind);
        assertThat(verdict.faultSeq()).isEqualTo(seq);
        if (line != null) {
            assertThat(verdict.faultLine()).isEqualTo(line);
        }
    }

    private Verdict verify() {
        return await(verifier.verify(Optional.empty(), 0, 1000));
    }

    private void line(String operation) {
        database.run("INSERT INTO audit_events (tenant_id, operation, actor) VALUES ('default', '" + operation
                + "', 'tester')");
    }

    private long id(String operation) {
        return database.count("SELECT event_id FROM audit_events WHERE operation = '" + operation + "'");
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
