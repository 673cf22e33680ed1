package io.nexus.oauth.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.NewCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.RefreshStore.ClientSlots;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The statements of the refresh protocol against each other, on the real database. */
@QuarkusTest
class RefreshStoreTest {

    private static final Duration LEASE = Duration.ofSeconds(75);
    private static final String TRACE = "row(status, failures, last_error, last_failed_at, next_refresh_at, unresolved,"
            + " lease_until, lease_attempt, token_version)";
    private static final String READ =
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables" + " WHERE relname = 'oauth_credentials'";
    private static final Duration QUARANTINE = Duration.ofSeconds(120);
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    @Inject
    RefreshStore refreshes;

    @Inject
    CredentialStore credentials;

    @Inject
    RevocationOutbox outbox;

    @Inject
    RefreshBacklog backlog;

    @Inject
    AgroalDataSource dataSource;

    private TestDatabase database;

    @BeforeEach
    void startEmpty() {
        database = new TestDatabase(dataSource);
        database.clear();
    }

    // C1

    @Test
    void oneOfManyLeasesWins() {
        StoredCredential seen = saved("strict");

        List<Optional<RefreshLease>> leases = await(Uni.join()
                .all(IntStream.range(0, 20)
                        .mapToObj(i -> refreshes.takeLease(seen, UUID.randomUUID(), "replica " + i, LEASE))
                        .toList())
                .andFailFast());

        assertThat(leases).filteredOn(Optional::isPresent).hasSize(1);
        RefreshLease won = leases.stream().flatMap(Optional::stream).findFirst().orElseThrow();
        assertThat(won.epoch()).isEqualTo(1);
        assertThat(won.unresolved()).isEqualTo(1);
        assertThat(won.credential().refreshToken()).isEqualTo(seen.refreshToken());
        assertThat(won.credential().refresh().leased()).isTrue();
    }

    @Test
    void whoKnowsAnOldVersionCannotTakeLease() {
        StoredCredential seen = saved("strict");
        await(refreshes.complete(takeLease(seen).fence(), grant("a2", "r2"), "read"));

        assertThat(await(refreshes.takeLease(seen, UUID.randomUUID(), "late", LEASE)))
                .isEmpty();
        assertThat(await(refreshes.takeLease(row(seen), UUID.randomUUID(), "well", LEASE)))
                .isPresent();
    }

    @Test
    void whatCannotBeRefreshedCannotBeLeased() {
        StoredCredential ended = saved("strict");
        database.set(ended.key().id(), "status = 'reauth_required'");
        StoredCredential revoked = saved("strict");
        await(credentials.revoke(revoked.key(), "bob"));
        StoredCredential bare = saved("strict");
        database.set(bare.key().id(), "encrypted_refresh_token = NULL");

        for (StoredCredential each : List.of(ended, revoked, bare)) {
            assertThat(await(refreshes.takeLease(row(each), UUID.randomUUID(), "x", LEASE)))
                    .isEmpty();
        }
    }

    @Test
    void anotherTenantCannotTakeLease() {
        StoredCredential seen = saved("strict");
        database.set(seen.key().id(), "tenant_id = 'another'");

        assertThat(await(refreshes.takeLease(seen, UUID.randomUUID(), "x", LEASE)))
                .isEmpty();
    }

    @Test
    void expiredLeaseKeepsOthersAwayUntilItsQuarantineIsOver() {
        StoredCredential seen = saved("strict");
        RefreshLease first = takeLease(seen);
        leaseEnded(seen, 110);
        assertThat(row(seen).refresh().blockedFor()).isBetween(Duration.ZERO, Duration.ofSeconds(10));
        assertThat(await(refreshes.takeLease(row(seen), UUID.randomUUID(), "b", LEASE)))
                .isEmpty();
        assertThat(await(refreshes.leaseDue("strict", 10, List.of(), "b", LEASE)))
                .isEmpty();

        leaseEnded(seen, 121);

        RefreshLease second = takeLease(row(seen));
        assertThat(second.epoch()).isEqualTo(first.epoch() + 1);
        assertThat(second.unresolved()).isEqualTo(2);
        assertThat(second.attempt()).isNotEqualTo(first.attempt());
    }

    @Test
    void releasedLeaseIsFreeAtOnceAndItsAttemptAccountedFor() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);

        await(refreshes.release(lease, "rate_limited", false, Duration.ofSeconds(60)));

        StoredCredential after = row(seen);
        assertThat(after.refresh().leased()).isFalse();
        assertThat(after.refresh().unresolved()).isZero();
        assertThat(after.refresh().failures()).isZero();
        assertThat(after.refresh().lastError()).isEqualTo("rate_limited");
        assertThat(after.refresh().blockedFor()).isZero();
        assertThat(after.refresh().nextAt()).isAfter(Instant.now().plusSeconds(50));
        RefreshLease again = takeLease(after);
        assertThat(again.unresolved()).isEqualTo(1);
        await(refreshes.release(again, "unreadable", true, Duration.ofSeconds(60)));
        assertThat(row(seen).refresh().failures()).isEqualTo(1);
    }

    @Test
    void suspendedLeaseStaysUnresolvedAndInQuarantine() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);

        await(refreshes.suspend(lease, "reply_lost", Duration.ofSeconds(1)));

        StoredCredential after = row(seen);
        assertThat(after.refresh().leased()).isFalse();
        assertThat(after.refresh().unresolved()).isEqualTo(1);
        assertThat(after.refresh().blockedFor()).isBetween(Duration.ofSeconds(100), QUARANTINE);
        assertThat(after.refresh().nextAt()).isAfter(Instant.now().plusSeconds(110));
        assertThat(await(refreshes.takeLease(after, UUID.randomUUID(), "b", LEASE)))
                .isEmpty();
    }

    @Test
    void endingAnotherOnesLeaseDoesNothing() {
        StoredCredential seen = saved("strict");
        RefreshLease zombie = takeLease(seen);
        leaseEnded(seen, 600);
        RefreshLease owner = takeLease(row(seen));

        await(refreshes.release(zombie, "late", true, Duration.ofSeconds(60)));
        await(refreshes.suspend(zombie, "late", Duration.ofSeconds(60)));
        assertThat(await(refreshes.reject(zombie, "late"))).isFalse();
        RefreshLease forged = new RefreshLease(
                owner.credential(), UUID.randomUUID(), owner.epoch(), owner.tokenEpoch(), owner.unresolved());
        await(refreshes.release(forged, "late", true, Duration.ofSeconds(60)));
        await(refreshes.suspend(forged, "late", Duration.ofSeconds(60)));

        assertThat(row(seen).refresh().leased()).isTrue();
        assertThat(row(seen).refresh().lastError()).isNull();
        assertThat(row(seen).refresh().unresolved()).isEqualTo(2);
        assertThat(row(seen).status()).isEqualTo(CredentialStatus.ACTIVE);
    }

    // S1

    @Test
    void storesTheAnswer() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);

        StoredCredential stored = await(refreshes.complete(lease.fence(), grant("a2", "r2"), "due"))
                .orElseThrow();

        assertThat(stored).isEqualTo(row(seen));
        assertThat(stored.version()).isEqualTo(2);
        assertThat(stored.accessToken()).isEqualTo(sealed("a2"));
        assertThat(stored.refreshToken()).isEqualTo(sealed("r2"));
        assertThat(stored.expiresAt()).isEqualTo(NOW.plusSeconds(3600));
        assertThat(stored.refresh().leased()).isFalse();
        assertThat(stored.refresh().unresolved()).isZero();
        assertThat(stored.refresh().lastAt()).isNotNull();
        assertThat(database.audit(seen.key().id())).containsExactly("credential_created", "token_refreshed:due");
    }

    @Test
    void answerWithoutRefreshTokenOrScopesKeepsTheStoredOnes() {
        StoredCredential seen = saved("strict");

        await(refreshes.complete(takeLease(seen).fence(), grant("a2", null), "due"));

        assertThat(row(seen).refreshToken()).isEqualTo(seen.refreshToken());
        assertThat(row(seen).scopes()).isEqualTo(seen.scopes());
    }

    @Test
    void storingAgainIsRecognisedByItsAttempt() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);
        StoredCredential first = await(refreshes.complete(lease.fence(), grant("a2", "r2"), "due"))
                .orElseThrow();

        assertThat(await(refreshes.complete(lease.fence(), grant("a2", "r2"), "due")))
                .isEmpty();

        assertThat(await(refreshes.committed(lease.fence()))).contains(first);
        assertThat(database.audit(seen.key().id())).containsExactly("credential_created", "token_refreshed:due");
    }

    // first order: the zombie's answer comes while the newer lease asks, then the newer one's
    @Test
    void answersInTheOrderOfTheirEpochsAreBothStored() {
        StoredCredential seen = saved("strict");
        RefreshLease zombie = takeLease(seen);
        leaseEnded(seen, 600);
        RefreshLease newer = takeLease(row(seen));

        assertThat(await(refreshes.complete(zombie.fence(), grant("zombie", "rz"), "due")))
                .isPresent();
        assertThat(row(seen).accessToken()).isEqualTo(sealed("zombie"));
        assertThat(row(seen).refresh().leased()).as("the newer lease stands").isTrue();
        assertThat(row(seen).refresh().unresolved())
                .as("and is of unknown fate")
                .isEqualTo(1);
        assertThat(await(refreshes.reject(newer, "invalid_grant")))
                .as("its refusal was of the token before")
                .isFalse();
        assertThat(row(seen).status()).isEqualTo(CredentialStatus.ACTIVE);

        assertThat(await(refreshes.complete(newer.fence(), grant("newer", "rn"), "due")))
                .isPresent();
        assertThat(row(seen).accessToken()).isEqualTo(sealed("newer"));
        assertThat(row(seen).refresh().unresolved()).isZero();
        assertThat(row(seen).version()).isEqualTo(3);

        // and a replay of the zombie's journal
        assertThat(await(refreshes.complete(zombie.fence(), grant("zombie", "rz"), "due")))
                .isEmpty();
        assertThat(row(seen).accessToken()).isEqualTo(sealed("newer"));
    }

    // within a grace the provider may have answered both, and only the later tokens live: their owner may be on its way
    // back
    @ParameterizedTest
    @CsvSource({"10000, 120000", "120000, 120000", "150000, 150000", "0, 0"})
    void answerThatIsStoredOverALaterLeaseIsNotSpentSoon(int before, int after) {
        StoredCredential seen = saved("strict");
        database.set(seen.key().id(), "quarantine_ms = " + before);
        RefreshLease zombie = takeLease(seen);
        leaseEnded(seen, 600);
        RefreshLease newer = takeLease(row(seen));

        await(refreshes.complete(zombie.fence(), grant("zombie", "rz"), "due"));

        String quarantine = "SELECT quarantine_ms FROM oauth_credentials WHERE credential_id = '%s'"
                .formatted(seen.key().id());
        assertThat(database.count(quarantine)).isEqualTo(after);
        leaseEnded(seen, 20);
        assertThat(await(refreshes.takeLease(row(seen), UUID.randomUUID(), "me", LEASE))
                        .isPresent())
                .isEqualTo(before == 0);

        await(refreshes.complete(newer.fence(), grant("newer", "rn", Duration.ofSeconds(10)), "due"));
        assertThat(database.count(quarantine)).isEqualTo(10_000);
    }

    // second order: the zombie comes last
    @Test
    void olderAnswerNeverReplacesNewerOne() {
        StoredCredential seen = saved("strict");
        RefreshLease zombie = takeLease(seen);
        leaseEnded(seen, 600);
        RefreshLease newer = takeLease(row(seen));
        await(refreshes.complete(newer.fence(), grant("newer", "rn"), "due"));

        assertThat(await(refreshes.complete(zombie.fence(), grant("zombie", "rz"), "due")))
                .isEmpty();

        assertThat(row(seen).accessToken()).isEqualTo(sealed("newer"));
        assertThat(row(seen).refreshToken()).isEqualTo(sealed("rn"));
        assertThat(row(seen).version()).isEqualTo(2);
    }

    @Test
    void nothingIsStoredOverARevocation() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);
        await(credentials.revoke(seen.key(), "bob"));

        assertThat(await(refreshes.complete(lease.fence(), grant("born", "late"), "due")))
                .isEmpty();
        assertThat(await(refreshes.reject(lease, "invalid_grant"))).isFalse();

        assertThat(row(seen).accessToken()).isNull();
        assertThat(row(seen).refreshToken()).isNull();
        assertThat(row(seen).status()).isEqualTo(CredentialStatus.REVOKED);
    }

    @Test
    void nothingIsStoredOverANewGrant() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);
        save(seen.account(), seen.key().id(), grant("new grant", "rg"));

        assertThat(await(refreshes.complete(lease.fence(), grant("old", "ro"), "due")))
                .isEmpty();

        assertThat(row(seen).accessToken()).isEqualTo(sealed("new grant"));
        assertThat(row(seen).refreshToken()).isEqualTo(sealed("rg"));
    }

    @Test
    void nothingIsStoredWhereTheRowIsGone() {
        StoredCredential seen = saved("strict");
        RefreshLease lease = takeLease(seen);
        database.run("DELETE FROM oauth_credentials");

        assertThat(await(refreshes.complete(lease.fence(), grant("a2", "r2"), "due")))
                .isEmpty();
    }

    /** whichever is first, the newest tokens are in the outbox or the row, and the row ends revoked. */
    @Test
    void revocationAndAnswerAtTheSameTimeLoseNoToken() {
        for (int round = 0; round < 40; round++) {
            StoredCredential seen = saved("strict");
            RefreshLease lease = takeLease(seen);
            SealedGrant born = grant("born" + round, "late" + round);

            var both = await(Uni.combine()
                    .all()
                    .unis(refreshes.complete(lease.fence(), born, "due"), credentials.revoke(seen.key(), "bob"))
                    .asTuple());

            assertThat(both.getItem2()).isPresent();
            String queued = database.one("SELECT encrypted_access_token FROM revocation_outbox WHERE revocation_id = '"
                    + both.getItem2().get() + "'");
            assertThat(queued)
                    .isEqualTo(
                            both.getItem1().isPresent()
                                    ? "k.born" + round
                                    : seen.accessToken().text());
            assertThat(row(seen).status()).isEqualTo(CredentialStatus.REVOKED);
            assertThat(row(seen).accessToken()).isNull();
        }
    }

    // F3

    @Test
    void refusalEndsTheGrant() {
        StoredCredential seen = saved("strict");

        assertThat(await(refreshes.reject(takeLease(seen), "invalid_grant"))).isTrue();

        assertThat(row(seen).status()).isEqualTo(CredentialStatus.REAUTHORIZATION_REQUIRED);
        assertThat(row(seen).refresh().lastError()).isEqualTo("invalid_grant");
        assertThat(row(seen).refresh().nextAt()).isNull();
        assertThat(row(seen).refresh().leased()).isFalse();
        assertThat(database.audit(seen.key().id()))
                .containsExactly("credential_created", "reauthorization_required:invalid_grant");
    }

    // C2

    @Test
    void leasesTheMostUrgentOfTheProvidersAsked() {
        List<StoredCredential> due = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            StoredCredential each = saved("strict");
            database.set(each.key().id(), "next_refresh_at = clock_timestamp() - interval '" + (i + 1) + " min'");
            due.add(each);
        }
        saved("strict"); // not due
        StoredCredential elsewhere = saved("steady");
        database.set(elsewhere.key().id(), "next_refresh_at = clock_timestamp() - interval '1 h'");

        List<RefreshLease> leases = await(refreshes.leaseDue("strict", 3, List.of(), "me", LEASE));

        assertThat(leases)
                .extracting(RefreshLease::key)
                .containsExactlyInAnyOrder(
                        due.get(5).key(), due.get(4).key(), due.get(3).key());
        assertThat(leases).extracting(RefreshLease::attempt).doesNotHaveDuplicates();
        assertThat(await(refreshes.leaseDue("strict", 10, List.of(), "me", LEASE)))
                .extracting(RefreshLease::key)
                .containsExactlyInAnyOrder(
                        due.get(2).key(), due.get(1).key(), due.get(0).key());
        assertThat(await(refreshes.leaseDue("strict", 10, List.of(), "me", LEASE)))
                .isEmpty();
    }

    // of what is due, the token that ends first; one without an end can wait
    @Test
    void leasesTheTokensThatEndFirst() {
        List<StoredCredential> due = new ArrayList<>();
        for (String end : List.of(
                "expires_at = NULL",
                "expires_at = clock_timestamp() + interval '9 min'",
                "expires_at = clock_timestamp() - interval '9 min'",
                "expires_at = clock_timestamp()")) {
            StoredCredential each = saved("strict");
            database.set(
                    each.key().id(),
                    end + ", next_refresh_at = clock_timestamp() - interval '" + (10 - due.size()) + " min'");
            due.add(each);
        }

        for (int expected : List.of(2, 3, 1, 0)) {
            assertThat(await(refreshes.leaseDue("strict", 1, List.of(), "me", LEASE)))
                    .extracting(RefreshLease::key)
                    .containsExactly(due.get(expected).key());
        }
    }

    @Test
    void leavesTheCredentialsOfFullClientsAlone() {
        StoredCredential mine = due("client_id = 'a'");
        StoredCredential theirs = due("client_id = 'a', tenant_id = 'another'");
        StoredCredential other = due("client_id = 'b'");
        StoredCredential unknown = due("client_id = NULL");

        assertThat(leasedBut(new ClientSlots(null, "a", 0)))
                .containsExactlyInAnyOrder(other.key().id(), unknown.key().id());
        assertThat(leasedBut(new ClientSlots("another", "a", 0)))
                .containsExactlyInAnyOrder(
                        mine.key().id(), other.key().id(), unknown.key().id());
        assertThat(leasedBut(new ClientSlots(null, "b", 0), new ClientSlots("default", "a", 0)))
                .containsExactlyInAnyOrder(theirs.key().id(), unknown.key().id());
        assertThat(leasedBut()).hasSize(4);
    }

    @Test
    void yieldedLeaseLeavesNoTrace() {
        StoredCredential seen = due("failures = 2, last_error = 'before'");
        String before = database.get(seen.key().id(), TRACE);
        RefreshLease lease = takeLease(row(seen));

        await(refreshes.yieldLease(lease, Duration.ZERO));

        assertThat(database.get(seen.key().id(), TRACE)).isEqualTo(before);
        assertThat(row(seen).refresh().blockedFor()).isZero();
        RefreshLease again = takeLease(row(seen));
        await(refreshes.yieldLease(again, Duration.ofSeconds(60)));
        assertThat(row(seen).refresh().nextAt()).isAfter(Instant.now().plusSeconds(50));
        // a turn that is later anyway stays
        database.set(seen.key().id(), "next_refresh_at = clock_timestamp() + interval '1 h'");
        await(refreshes.yieldLease(takeLease(row(seen)), Duration.ofSeconds(60)));
        assertThat(row(seen).refresh().nextAt()).isAfter(Instant.now().plusSeconds(3500));
    }

    @Test
    void anotherOnesLeaseIsNotYielded() {
        StoredCredential seen = saved("strict");
        RefreshLease zombie = takeLease(seen);
        leaseEnded(seen, 600);
        takeLease(row(seen));

        await(refreshes.yieldLease(zombie, Duration.ofSeconds(60)));

        assertThat(row(seen).refresh().leased()).isTrue();
        assertThat(row(seen).refresh().unresolved()).isEqualTo(2);
    }

    // the schedule looks every few seconds: that must not read everything there is
    @Test
    void lookingForWhatIsDueReadsOnlyWhatIsDue() {
        database.run(
                "INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email, encrypted_access_token,"
                        + " encrypted_refresh_token, issued_at, next_refresh_at) SELECT gen_random_uuid(), 'default', 'strict',"
                        + " 'u' || i, 'a', 'r', now(), now() + interval '1 h' FROM generate_series(1, 20000) i");
        database.run("ANALYZE oauth_credentials");
        String statement = RefreshSql.LEASE_DUE
                .replace("$1::", "'strict'::")
                .replace("$2::", "32::")
                .replace("$3::", "'me'::")
                .replace("$4::", "75000::")
                .replaceAll("\\$[5-9]::", "'{}'::");

        assertThat(database.all("EXPLAIN " + statement))
                .anyMatch(line -> line.contains("Index Scan using idx_oauth_credentials_renewable"))
                .anyMatch(line -> line.contains("Index Cond")
                        && line.contains("provider")
                        && line.contains("next_refresh_at <="));
    }

    @Test
    void countsTheBacklog() {
        due("next_refresh_at = clock_timestamp() - interval '90 s'");
        due("next_refresh_at = clock_timestamp() - interval '10 s'");
        due("next_refresh_at = clock_timestamp() - interval '1 h', status = 'reauth_required'");
        due("next_refresh_at = clock_timestamp() - interval '1 h', encrypted_refresh_token = NULL");
        // a machine connection
        due(
                "next_refresh_at = clock_timestamp() - interval '80 s', encrypted_refresh_token = NULL, token_request = '{}'");
        saved("strict");

        List<RefreshBacklog.Backlog> read = await(backlog.of(List.of("strict", "steady")));

        assertThat(read).extracting(RefreshBacklog.Backlog::overdue).containsExactly(2L, 0L);
        assertThat(read.getFirst().lag()).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(120));
        assertThat(read.getLast().lag()).isZero();
    }

    /** A response of a person's grant that a journal replays, or that a replica of an older version stores: it is not retried for ever. */
    @Test
    void aRefreshTokenIsNotStoredInAMachineConnection() {
        StoredCredential machine = saved("strict");
        database.set(machine.key().id(), "encrypted_refresh_token = NULL, token_request = '{}'");
        RefreshLease lease = takeLease(row(machine));

        assertThat(await(refreshes.complete(lease.fence(), grant("a2", "r2"), "due")))
                .isEmpty();

        assertThat(row(machine).accessToken()).isEqualTo(machine.accessToken());
        assertThat(await(refreshes.complete(lease.fence(), grant("a2", null), "due")))
                .isPresent();
    }

    /** A tenant's own client with thousands of due credentials must not take the leases that others could use. */
    @Test
    void leasesOfEachClientOnlyWhatItsSlotsCanUse() {
        for (int i = 0; i < 60; i++) {
            due("client_id = 'greedy', tenant_id = 'greedy', expires_at = clock_timestamp() - interval '1 h'");
        }
        for (int i = 0; i < 10; i++) {
            due("client_id = 'shared', tenant_id = 'tenant-" + i % 2 + "'");
        }

        Map<String, Long> leased = await(refreshes.leaseDue(
                        "strict",
                        60,
                        List.of(new ClientSlots("greedy", "greedy", 2), new ClientSlots(null, "shared", 2)),
                        "me",
                        LEASE))
                .stream()
                .collect(Collectors.groupingBy(each -> each.credential().clientId(), Collectors.counting()));

        assertThat(leased).isEqualTo(Map.of("greedy", 8L, "shared", 8L));
        assertThat(await(refreshes.leaseDue("strict", 60, List.of(), "me", LEASE)))
                .filteredOn(each -> each.credential().clientId().equals("greedy"))
                .as("of a client whose slots are not known")
                .hasSize(32);
    }

    private StoredCredential due(String assignments) {
        StoredCredential each = saved("strict");
        database.set(each.key().id(), "next_refresh_at = clock_timestamp() - interval '1 min'");
        database.set(each.key().id(), assignments);
        return each;
    }

    /** The credentials that the schedule would lease; releases the leases again. */
    private List<UUID> leasedBut(ClientSlots... full) {
        List<RefreshLease> leases = await(refreshes.leaseDue("strict", 10, List.of(full), "me", LEASE));
        leases.forEach(each -> await(refreshes.yieldLease(each, Duration.ZERO)));
        return leases.stream().map(each -> each.key().id()).toList();
    }

    // all want the same rows: what another took between the look and the lock must be left alone
    @Test
    void batchesOfManyReplicasAreDisjoint() {
        for (int i = 0; i < 200; i++) {
            StoredCredential each = saved("strict");
            database.set(each.key().id(), "next_refresh_at = clock_timestamp() - interval '1 min'");
        }

        List<List<RefreshLease>> batches = await(Uni.join()
                .all(IntStream.range(0, 60)
                        .mapToObj(i -> refreshes.leaseDue("strict", 10, List.of(), "replica " + i, LEASE))
                        .toList())
                .andFailFast());

        Set<UUID> leased = new HashSet<>();
        batches.forEach(batch -> batch.forEach(lease ->
                assertThat(leased.add(lease.key().id())).as("leased twice").isTrue()));
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE lease_epoch = 1"))
                .isEqualTo(leased.size());
        assertThat(batches.stream().mapToInt(List::size).max().orElseThrow()).isLessThanOrEqualTo(10);
        assertThat(leased).hasSizeGreaterThanOrEqualTo(10);
        assertThat(database.count("SELECT max(lease_epoch) FROM oauth_credentials"))
                .isEqualTo(1);
    }

    @Test
    void failingDatabaseIsAStorageException() {
        StoredCredential seen = saved("strict");
        database.breakWrites("oauth_credentials");

        assertThatThrownBy(() -> takeLease(seen))
                .isInstanceOf(StorageException.class)
                .hasMessageStartingWith("the database cannot be used");
    }

    // the outbox

    @Test
    void outboxGivesAnEntryToOneOnly() {
        StoredCredential seen = saved("strict");
        assertThat(await(outbox.addIfRevoked(seen, "client", grant("born", "late"), 1)))
                .as("not revoked")
                .isEmpty();
        database.set(seen.key().id(), "revoked_epoch = 2");
        assertThat(await(outbox.addIfRevoked(seen, "client", grant("born", "late"), 2)))
                .as("born after the revocation")
                .isEmpty();
        UUID id = await(outbox.addIfRevoked(seen, "client", grant("born", "late"), 1))
                .orElseThrow();

        var taken = await(Uni.join()
                .all(IntStream.range(0, 10)
                        .mapToObj(i -> outbox.takeDue(10, LEASE))
                        .toList())
                .andFailFast());

        assertThat(taken.stream().flatMap(List::stream).toList())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.id()).isEqualTo(id);
                    assertThat(entry.key()).isEqualTo(seen.key());
                    assertThat(entry.accessToken()).isEqualTo(sealed("born"));
                    assertThat(entry.refreshToken()).isEqualTo(sealed("late"));
                    assertThat(entry.clientId()).isEqualTo("client");
                    assertThat(entry.attempts()).isZero();
                });
        assertThat(await(outbox.take(id, LEASE))).isEmpty();

        await(outbox.postpone(id, Duration.ZERO));
        assertThat(await(outbox.take(id, LEASE)).orElseThrow().attempts()).isEqualTo(1);
        await(outbox.done(id, "revoked"));
        assertThat(await(outbox.takeDue(10, LEASE))).isEmpty();
        assertThat(database.audit(seen.key().id()))
                .containsExactly("credential_created", "provider_revocation:revoked");
    }

    /** A tenant with a thousand old entries, and one with two at two providers that came last. */
    @Test
    void tenantsAndTheirProvidersTakeTurnsInTheOutbox() {
        queue("crowd", "strict", 1_000, 3_600);
        queue("crowd", "other", 1, 60);
        queue("quiet", "strict", 1, 2);
        queue("quiet", "other", 1, 1);

        List<String> taken = await(outbox.takeDue(4, LEASE)).stream()
                .map(each -> each.key().tenant().value() + " " + each.account().provider())
                .sorted()
                .toList();

        assertThat(taken).containsExactly("crowd other", "crowd strict", "quiet other", "quiet strict");
        assertThat(await(outbox.takeDue(2_000, LEASE))).hasSize(999);
    }

    /** Entries that have been due for so many seconds. */
    private void queue(String tenant, String provider, int entries, int dueSince) {
        database.run("""
                INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email, encrypted_access_token, token_type,
                  next_attempt_at)
                SELECT gen_random_uuid(), '%s', '%s', 'a@b', 'k.x', 'Bearer', clock_timestamp() - %d * interval '1 s'
                FROM generate_series(1, %d)""".formatted(tenant, provider, dueSince, entries));
    }

    private RefreshLease takeLease(StoredCredential seen) {
        return await(refreshes.takeLease(seen, UUID.randomUUID(), "me", LEASE)).orElseThrow();
    }

    private void leaseEnded(StoredCredential credential, int secondsAgo) {
        database.set(
                credential.key().id(),
                "lease_until = clock_timestamp() - interval '" + secondsAgo + " s',"
                        + " next_refresh_at = clock_timestamp() - interval '1 s'");
    }

    private StoredCredential row(StoredCredential credential) {
        return await(credentials.find(credential.key())).orElseThrow();
    }

    @Test
    void newGrantTakesARevocationAlongThatWouldEndIt() {
        StoredCredential credential = saved("strict");
        await(credentials.revoke(credential.key(), "bob"));

        await(credentials.save(new NewCredential(
                credential.key().id(),
                credential.account(),
                grant("b", "r2"),
                "client",
                null,
                QUARANTINE,
                "bob",
                false,
                false,
                null)));
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isEqualTo(1);

        await(credentials.save(new NewCredential(
                credential.key().id(),
                credential.account(),
                grant("c", "r3"),
                "another",
                null,
                QUARANTINE,
                "bob",
                false,
                true,
                null)));
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isEqualTo(1);

        await(credentials.save(new NewCredential(
                credential.key().id(),
                credential.account(),
                grant("d", "r4"),
                "client",
                null,
                QUARANTINE,
                "bob",
                false,
                true,
                null)));
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
        assertThat(database.audit(credential.key().id())).contains("provider_revocation:superseded");
    }

    private StoredCredential saved(String provider) {
        UUID id = UUID.randomUUID();
        return save(new AccountKey(TenantId.DEFAULT, provider, "user-" + id), id, grant("a", "r"));
    }

    private StoredCredential save(AccountKey account, UUID id, SealedGrant grant) {
        return await(credentials.save(new NewCredential(
                        id, account, grant, "client", null, QUARANTINE, "tester", false, false, null)))
                .orElseThrow()
                .credential();
    }

    private static SealedGrant grant(String access, String refresh) {
        return grant(access, refresh, null);
    }

    private static SealedGrant grant(String access, String refresh, Duration quarantine) {
        return new SealedGrant(
                sealed(access),
                refresh == null ? null : sealed(refresh),
                "Bearer",
                access.equals("a") ? Scopes.of(List.of("read")) : null,
                NOW.plusSeconds(3600),
                false,
                NOW,
                NOW.plusSeconds(3000),
                Map.of(),
                Map.of(),
                quarantine,
                null,
                null);
    }

    private static SealedSecret sealed(String text) {
        return new SealedSecret("k." + text);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
