package io.nexus.oauth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.NewCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The statements against a model of a credential, in random order: leases by several replicas, answers that come late, twice or never,
 * refusals, revocations, new grants and replays of the journal. {@code -Dnexus.model.sequences} sets how many sequences,
 * {@code -Dnexus.model.seed} repeats them.
 */
@QuarkusTest
class RefreshModelTest {

    private static final int SEQUENCES = Integer.getInteger("nexus.model.sequences", 1_000);
    private static final long SEED = Long.getLong("nexus.model.seed", System.nanoTime());
    private static final int STEPS = 14;
    private static final int AT_ONCE = 12;
    private static final Duration QUARANTINE = Duration.ofSeconds(120);
    private static final Duration LATER = Duration.ofMinutes(10);
    private static final Duration BEFORE = LATER.negated();

    @Inject
    RefreshStore refreshes;

    @Inject
    CredentialStore credentials;

    @Test
    void everySequenceEndsAsTheModelSays() throws Exception {
        try (ExecutorService workers =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            List<Callable<Void>> all = IntStream.range(0, SEQUENCES)
                    .<Callable<Void>>mapToObj(i -> () -> {
                        new Sequence(SEED + i).run();
                        return null;
                    })
                    .toList();
            for (Future<Void> each : workers.invokeAll(all)) {
                each.get();
            }
        }
    }

    private enum Lease {
        NONE,
        RUNS,
        IN_QUARANTINE,
        OVER
    }

    /** The expected content of the row. */
    private static final class Model {
        CredentialStatus status = CredentialStatus.ACTIVE;
        long version = 1;
        long tokenEpoch;
        long leaseEpoch;
        Lease lease = Lease.NONE;

        @Nullable UUID attempt;

        @Nullable UUID lastAttempt;

        int unresolved;
        boolean suspected;
        boolean due;

        @Nullable String access = "a0";

        @Nullable String refresh = "r0";

        boolean isFree() {
            return lease == Lease.NONE || lease == Lease.OVER || (lease == Lease.IN_QUARANTINE && unresolved == 0);
        }

        boolean holds(RefreshLease lease) {
            return leaseEpoch == lease.epoch() && lease.attempt().equals(attempt);
        }

        void free() {
            lease = Lease.NONE;
            attempt = null;
        }

        void fence() {
            leaseEpoch++;
            tokenEpoch = leaseEpoch;
            free();
            unresolved = 0;
            suspected = false;
            version++;
        }
    }

    private final class Sequence {
        private final long seed;
        private final Random dice;
        private final Model model = new Model();
        private final CredentialKey key = new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());
        private final AccountKey account = new AccountKey(TenantId.DEFAULT, "strict", "model-" + key.id());
        private final List<RefreshLease> leases = new ArrayList<>();
        private final List<String> steps = new ArrayList<>();
        private int tokens;

        Sequence(long seed) {
            this.seed = seed;
            this.dice = new Random(seed);
        }

        void run() {
            await(credentials.save(grantOf(grant("a0", "r0"))));
            check();
            for (int i = 0; i < STEPS; i++) {
                step();
                check();
            }
        }

        private void step() {
            int kind = dice.nextInt(20);
            if (kind < 7 || leases.isEmpty()) {
                takeLease();
            } else if (kind < 11) {
                complete(any());
            } else {
                other(kind, any());
            }
        }

        private void other(int kind, RefreshLease lease) {
            switch (kind) {
                case 11 -> release(lease);
                case 12 -> suspend(lease);
                case 13 -> renew(lease);
                case 14 -> suspect(lease);
                case 15 -> reject(lease);
                case 16 -> revoke();
                case 17 -> reconnect();
                case 18 -> storeAccessToken();
                default -> restore(lease);
            }
        }

        private void takeLease() {
            long seen = dice.nextInt(5) == 0 ? model.version - 1 : model.version;
            Lease lease = Lease.values()[1 + dice.nextInt(3)];
            UUID attempt = UUID.randomUUID();
            note("lease " + seen + " " + lease);
            boolean expected = model.status == CredentialStatus.ACTIVE
                    && model.refresh != null
                    && seen == model.version
                    && model.isFree()
                    && (!model.suspected || model.due);
            StoredCredential known = withVersion(row(), seen);
            Duration length = switch (lease) {
                case RUNS -> LATER;
                case IN_QUARANTINE -> Duration.ofSeconds(-1);
                default -> BEFORE;
            };
            Optional<RefreshLease> leased = await(refreshes.takeLease(known, attempt, "model", length));
            assertThat(leased.isPresent()).as(this::story).isEqualTo(expected);
            if (expected) {
                model.leaseEpoch++;
                model.lease = lease;
                model.attempt = attempt;
                model.unresolved++;
                assertThat(leased.orElseThrow().epoch()).as(this::story).isEqualTo(model.leaseEpoch);
                assertThat(leased.orElseThrow().unresolved()).as(this::story).isEqualTo(model.unresolved);
                leases.add(leased.orElseThrow());
            }
        }

        private void complete(RefreshLease lease) {
            SealedGrant answer = answer();
            note("complete " + lease.epoch());
            boolean stored = accepts(lease);
            Optional<StoredCredential> result = await(refreshes.complete(lease.fence(), answer, "read"));
            boolean mine = lease.attempt().equals(model.lastAttempt) && model.status != CredentialStatus.REVOKED;
            assertThat(result.isPresent()).as(this::story).isEqualTo(stored);
            assertThat(await(refreshes.committed(lease.fence())).isPresent())
                    .as(this::story)
                    .isEqualTo(stored || mine);
            if (stored) {
                accept(lease, answer);
            }
        }

        private void restore(RefreshLease lease) {
            SealedGrant answer = answer();
            note("restore " + lease.epoch());
            boolean stored = accepts(lease);
            assertThat(await(refreshes.complete(lease.fence(), answer, "due")).isPresent())
                    .as(this::story)
                    .isEqualTo(stored);
            if (stored) {
                accept(lease, answer);
            }
        }

        private boolean accepts(RefreshLease lease) {
            return model.status != CredentialStatus.REVOKED && model.tokenEpoch < lease.epoch();
        }

        private void accept(RefreshLease lease, SealedGrant answer) {
            model.version++;
            model.tokenEpoch = lease.epoch();
            model.lastAttempt = lease.attempt();
            if (model.leaseEpoch == lease.epoch() && (model.attempt == null || model.holds(lease))) {
                model.free();
                model.unresolved = 0;
            } else {
                model.unresolved = 1;
            }
            model.status = CredentialStatus.ACTIVE;
            model.suspected = false;
            model.due = false;
            model.access = text(answer.accessToken());
            model.refresh = answer.refreshToken() == null ? model.refresh : text(answer.refreshToken());
        }

        private void release(RefreshLease lease) {
            note("release " + lease.epoch());
            boolean due = dice.nextBoolean();
            await(refreshes.release(lease, "error", dice.nextBoolean(), due ? BEFORE : LATER));
            if (model.holds(lease)) {
                model.free();
                model.unresolved = Math.max(0, model.unresolved - 1);
                model.due = due;
            }
        }

        private void suspend(RefreshLease lease) {
            note("suspend " + lease.epoch());
            await(refreshes.suspend(lease, "unknown", Duration.ofSeconds(1)));
            if (model.holds(lease)) {
                model.lease = Lease.IN_QUARANTINE;
                model.due = false;
            }
        }

        private void renew(RefreshLease lease) {
            note("renew " + lease.epoch());
            assertThat(await(refreshes.renew(lease, LATER))).as(this::story).isEqualTo(model.holds(lease));
            if (model.holds(lease)) {
                model.lease = Lease.RUNS;
            }
        }

        private void suspect(RefreshLease lease) {
            note("suspect " + lease.epoch());
            boolean expected = ends(lease);
            boolean due = dice.nextBoolean();
            assertThat(await(refreshes.suspect(lease, "invalid_grant", due ? BEFORE : LATER)))
                    .as(this::story)
                    .isEqualTo(expected);
            if (expected) {
                model.free();
                model.unresolved = 0;
                model.suspected = true;
                model.due = due;
            }
        }

        private void reject(RefreshLease lease) {
            note("reject " + lease.epoch());
            boolean expected = ends(lease);
            assertThat(await(refreshes.reject(lease, "invalid_grant")))
                    .as(this::story)
                    .isEqualTo(expected);
            if (expected) {
                model.free();
                model.unresolved = 0;
                model.status = CredentialStatus.REAUTHORIZATION_REQUIRED;
            }
        }

        private boolean ends(RefreshLease lease) {
            return model.status == CredentialStatus.ACTIVE
                    && model.holds(lease)
                    && model.version == lease.credential().version();
        }

        private void revoke() {
            note("revoke");
            boolean expected = model.status != CredentialStatus.REVOKED;
            assertThat(await(credentials.revoke(key, "model")).isPresent())
                    .as(this::story)
                    .isEqualTo(expected);
            if (expected) {
                model.fence();
                model.status = CredentialStatus.REVOKED;
                model.access = null;
                model.refresh = null;
            }
        }

        private void reconnect() {
            note("reconnect");
            tokens++;
            await(credentials.save(grantOf(grant("a" + tokens, "r" + tokens))));
            model.fence();
            model.status = CredentialStatus.ACTIVE;
            model.due = false;
            model.access = "a" + tokens;
            model.refresh = "r" + tokens;
        }

        private void storeAccessToken() {
            note("store access token");
            tokens++;
            await(credentials.save(grantOf(grant("a" + tokens, null))));
            if (model.status == CredentialStatus.ACTIVE && model.refresh != null) {
                model.version++;
            } else {
                model.fence();
                model.status = CredentialStatus.ACTIVE;
                model.refresh = null;
            }
            model.due = false;
            model.access = "a" + tokens;
        }

        private void check() {
            StoredCredential row = row();
            assertThat(row.status()).as(this::story).isEqualTo(model.status);
            assertThat(row.version()).as(this::story).isEqualTo(model.version);
            assertThat(text(row.accessToken())).as(this::story).isEqualTo(model.access);
            assertThat(text(row.refreshToken())).as(this::story).isEqualTo(model.refresh);
            assertThat(row.refresh().unresolved()).as(this::story).isEqualTo(model.unresolved);
            assertThat(row.refresh().leased()).as(this::story).isEqualTo(model.lease == Lease.RUNS);
            assertThat(row.refresh().suspectedAt() != null).as(this::story).isEqualTo(model.suspected);
        }

        private RefreshLease any() {
            return leases.get(dice.nextInt(3) == 0 ? dice.nextInt(leases.size()) : leases.size() - 1);
        }

        private SealedGrant answer() {
            tokens++;
            return grant("a" + tokens, dice.nextInt(4) == 0 ? null : "r" + tokens);
        }

        private StoredCredential row() {
            return await(credentials.find(key)).orElseThrow();
        }

        private NewCredential grantOf(SealedGrant grant) {
            return new NewCredential(key.id(), account, grant, "client", null, QUARANTINE, "model", false, false, null);
        }

        private void note(String step) {
            steps.add(step);
        }

        private String story() {
            return "-Dnexus.model.sequences=1 -Dnexus.model.seed=" + seed + ": " + String.join(", ", steps);
        }
    }

    private static StoredCredential withVersion(StoredCredential now, long version) {
        return new StoredCredential(
                now.key(),
                now.account(),
                now.status(),
                now.accessToken(),
                now.refreshToken(),
                now.tokenType(),
                now.expiresAt(),
                now.expiryAssumed(),
                now.scopes(),
                now.clientId(),
                now.clientVars(),
                now.identity(),
                now.metadata(),
                version,
                now.refresh(),
                now.issuedAt(),
                now.createdAt(),
                now.updatedAt(),
                now.revokedAt(),
                now.lastUsedAt(),
                now.createdBy(),
                null);
    }

    private static SealedGrant grant(String access, @Nullable String refresh) {
        Instant now = Instant.now();
        return new SealedGrant(
                new SealedSecret("k." + access),
                refresh == null ? null : new SealedSecret("k." + refresh),
                "Bearer",
                null,
                now.plusSeconds(3600),
                false,
                now,
                now.plusSeconds(3000),
                Map.of(),
                Map.of(),
                null,
                null,
                null);
    }

    private static @Nullable String text(@Nullable SealedSecret secret) {
        return secret == null ? null : secret.text().substring(2);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
