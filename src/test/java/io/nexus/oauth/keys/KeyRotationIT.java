package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.RotationStore;
import io.nexus.oauth.store.keys.RotationStore.Progress;
import io.nexus.oauth.store.keys.SealedRows;
import io.nexus.oauth.store.keys.SealedTable;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
class KeyRotationIT extends KeysFixture {

    private static final TenantId ACME = new TenantId("acme");
    private static final Map<String, String> HERE = Map.of("host", "here.example");

    @Inject
    KeyRotation rotator;

    @Inject
    CancellationShield shield;

    @Inject
    RotationStore rotations;

    @Inject
    SealedRows rows;

    @Inject
    ClientRegistrations clients;

    @Test
    void rotatesUnderLoadWithoutAnError() throws Exception {
        Map<StoredCredential, String> expected = many(2_000);
        List<StoredCredential> refreshed = IntStream.range(0, 60)
                .mapToObj(i -> {
                    StrictProvider.Tokens granted = provider.grant("x" + i);
                    return store(TenantId.DEFAULT, granted.access(), granted.refresh());
                })
                .toList();
        client("strict");
        client("graceful", HERE);
        await(tokens.registerProvider(
                ACME,
                new ClientRegistration("killing", "acme-client", null, Scopes.NONE, null, HERE)
                        .by(new ClientRegistration.Authentication(
                                ClientAuth.PRIVATE_KEY_JWT, Algorithm.ES256, null, null, null, null)),
                "alice"));
        StoredCredential bound = store(ACME, "bound", "bound-refresh", HERE);
        pendingRevocation(refreshed.getFirst());
        pendingRevocation(bound);
        files(young, old);
        assertThat(await(keys.rotate("tester", TenantId.DEFAULT))
                        .rotation()
                        .orElseThrow()
                        .running())
                .isTrue();
        Load load = new Load(List.copyOf(expected.keySet()), refreshed);

        CompletableFuture<Void> work = shield.start(() -> rotator.work(shield));
        load.runUntil(work);

        assertThat(load.errors).isEmpty();
        assertThat(load.reads.get()).isGreaterThan(100);
        assertThat(load.refreshes.get()).isGreaterThan(10);
        assertThat(notUnder(young, "oauth_credentials", "encrypted_access_token", "encrypted_refresh_token"))
                .isZero();
        assertThat(notUnder(young, "oauth_clients", "encrypted_client_secret", "encrypted_second_secret"))
                .isZero();
        assertThat(notUnder(young, "client_keys", "encrypted_key")).isZero();
        assertThat(notUnder(young, "revocation_outbox", "encrypted_access_token", "encrypted_refresh_token"))
                .isZero();
        Progress ended = await(rotations.get()).orElseThrow();
        assertThat(ended.running()).isFalse();
        assertThat(ended.total()).isEqualTo(2_066);
        assertThat(ended.done()).isBetween(2_006L, 2_066L);
        assertThat(ended.skipped()).isZero();
        assertThat(database.all("SELECT concat_ws(' ', operation, actor, detail) FROM audit_events WHERE subject = '"
                        + id(young)
                        + "' AND operation LIKE 'key_rotation%' AND tenant_id = 'default' ORDER BY event_id"))
                .containsExactly(
                        "key_rotation_begun tester",
                        "key_rotation_ended system " + ended.done() + " rows, 0 unreadable, begun by tester");

        files(young);
        keyring.forget(id(old));
        assertThat(keyring.ids()).containsExactly(id(young));
        expected.forEach((credential, access) ->
                assertThat(open(credential).accessToken().reveal()).isEqualTo(access));
        refreshed.forEach(
                credential -> assertThat(open(credential).accessToken()).isNotNull());
        ClientRegistration opened = await(clients.get(ACME, "strict"));
        assertThat(opened.clientSecret()).isEqualTo(Secret.of("first"));
        assertThat(opened.secondSecret()).isEqualTo(Secret.of("second"));
        assertThat(await(clients.get(ACME, "killing")).authentication().key().publicJwk())
                .isEqualTo(database.one("SELECT public_jwk FROM client_keys WHERE provider = 'killing'"));
        assertThat(open(bound).refreshToken()).isEqualTo(Secret.of("bound-refresh"));
        assertThat(await(clients.get(ACME, "graceful")).clientSecret()).isEqualTo(Secret.of("first"));
    }

    /** Its secrets cannot be decrypted, and do not stop the rotation. */
    @Test
    void rowBesideOtherVariablesIsNeverSealedAnew() {
        List<StoredCredential> changed = IntStream.range(0, 4)
                .mapToObj(i -> store(TenantId.DEFAULT, "access", "refresh", HERE))
                .toList();
        StoredCredential good = store(TenantId.DEFAULT, "good", "good-refresh", HERE);
        List<String> before = texts(changed);
        List<String> vars = List.of("{\"host\":\"elsewhere.example\"}", "{}", "not JSON", "null");
        for (int i = 0; i < vars.size(); i++) {
            database.set(changed.get(i).key().id(), "client_vars = '" + vars.get(i) + "'");
        }
        files(young, old);

        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));

        assertThat(texts(changed)).isEqualTo(before);
        assertThat(await(rotations.get()).orElseThrow().skipped()).isEqualTo(4);
        assertThat(await(rotations.get()).orElseThrow().done()).isEqualTo(1);
        assertThat(open(good).accessToken()).isEqualTo(Secret.of("good"));
    }

    // the process died: its lease runs out, another replica goes on with the next batch
    @Test
    void anotherReplicaGoesOnWhereOneDied() {
        many(600);
        files(young, old);
        await(keys.rotate("tester", TenantId.DEFAULT));
        Progress leased =
                await(rotations.takeLease("dead", Duration.ofSeconds(30))).orElseThrow();
        assertThat(leased.table()).isEqualTo(SealedTable.OAUTH_CREDENTIALS);
        SealedRows.Page page = await(rows.page(leased.table(), leased.cursor(), id(young), 200));
        Progress saved = leased.counted(600).after(page.end(), 0, 0, 0);
        assertThat(await(rotations.save("dead", saved, Duration.ofSeconds(30)))).isTrue();

        await(rotator.work(shield));
        assertThat(await(rotations.get()).orElseThrow().done()).isZero();

        database.run("UPDATE key_rotation SET lease_until = clock_timestamp() - interval '1 s'");
        await(rotator.work(shield));

        assertThat(await(rotations.save("dead", saved, Duration.ofSeconds(30)))).isFalse();
        assertThat(await(rotations.end("dead", saved))).isFalse();
        Progress ended = await(rotations.get()).orElseThrow();
        assertThat(ended.running()).isFalse();
        assertThat(ended.done()).isEqualTo(400);
        assertThat(notUnder(young, "oauth_credentials", "encrypted_access_token"))
                .isEqualTo(200);

        // the next pass finds the rows that this one skipped
        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));
        assertThat(notUnder(young, "oauth_credentials", "encrypted_access_token", "encrypted_refresh_token"))
                .isZero();
    }

    // counting takes longer than a lease: replicas that overtook each other would count for ever
    @Test
    void leaseIsKeptWhileRowsAreCounted() throws Exception {
        many(3);
        files(young, old);
        await(keys.rotate("tester", TenantId.DEFAULT));
        try (Connection locks = dataSource.getConnection()) {
            locks.setAutoCommit(false);
            run(locks, "LOCK TABLE revocation_outbox IN ACCESS EXCLUSIVE MODE");
            Savepoint before = locks.setSavepoint();
            run(locks, "LOCK TABLE oauth_credentials IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Void> work = shield.start(() -> rotator.work(shield));
            Awaitility.await()
                    .until(() ->
                            database.count("SELECT count(*) FROM key_rotation WHERE lease_owner IS NOT NULL") == 1);
            database.run("UPDATE key_rotation SET lease_until = clock_timestamp() + interval '100 ms'");

            locks.rollback(before); // the first page is counted now, the next table is not

            Awaitility.await()
                    .until(() -> database.count("SELECT count(*) FROM key_rotation"
                                    + " WHERE total IS NULL AND lease_until > clock_timestamp() + interval '10 s'")
                            == 1);
            assertThat(await(rotations.takeLease("another", Duration.ofSeconds(30))))
                    .isEmpty();
            locks.rollback();
            assertThat(work).succeedsWithin(Duration.ofSeconds(60));
        }
        assertThat(await(rotations.get()).orElseThrow().done()).isEqualTo(3);
    }

    @Test
    void countingEndsWhenItMayNotGoOn() {
        many(3);

        assertThat(await(references.notUnder(id(young), () -> Uni.createFrom().item(false))))
                .isEmpty();
        assertThat(await(references.notUnder(id(young), () -> Uni.createFrom().item(true))))
                .contains(3L);
    }

    // they share the first part of their primary keys
    @Test
    void clientsOfOneTenantAreCountedOneByOne() {
        List<String> providers = List.of("strict", "github", "dropbox", "box", "slack");
        providers.forEach(this::client);
        files(young, old);

        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));

        Progress ended = await(rotations.get()).orElseThrow();
        assertThat(ended.total()).isEqualTo(5);
        assertThat(ended.done()).isEqualTo(5);
        assertThat(ended.moved()).isZero();
        assertThat(notUnder(young, "oauth_clients", "encrypted_client_secret", "encrypted_second_secret"))
                .isZero();
    }

    @Test
    void rowThatChangedMeanwhileIsLeftForTheNextPass() {
        StoredCredential credential = store(TenantId.DEFAULT, "access", "refresh");
        files(young, old);
        SealedTable table = SealedTable.OAUTH_CREDENTIALS;
        SealedRows.SealedRow read = await(rows.page(table, table.start(), id(young), 200))
                .outdated()
                .getFirst();
        String newer = text(store(TenantId.DEFAULT, "newer", null), "access_token");
        database.set(credential.key().id(), "encrypted_access_token = '" + newer + "'");

        assertThat(await(rows.replace(table, List.of(new SealedRows.Replacement(read, "x.a", "x.b")))))
                .isEmpty();
        assertThat(text(credential, "access_token")).isEqualTo(newer);
    }

    @Test
    void textInAnotherPlaceIsNeverSealedAnew() {
        StoredCredential one = store(TenantId.DEFAULT, "one", "one-refresh");
        StoredCredential two = store(TenantId.DEFAULT, "two", "two-refresh");
        StoredCredential foreign = store(ACME, "foreign", "foreign-refresh");
        StoredCredential turned = store(TenantId.DEFAULT, "turned", "turned-refresh");
        StoredCredential good = store(TenantId.DEFAULT, "good", "good-refresh");
        String stolen = text(one, "access_token");
        put(one, "access_token", text(two, "access_token"));
        put(two, "refresh_token", text(foreign, "refresh_token"));
        put(foreign, "access_token", stolen);
        String access = text(turned, "access_token");
        put(turned, "access_token", text(turned, "refresh_token"));
        put(turned, "refresh_token", access);
        List<StoredCredential> moved = List.of(one, two, foreign, turned);
        List<String> before = texts(moved);
        files(young, old);

        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));

        assertThat(texts(moved)).isEqualTo(before);
        assertThat(await(rotations.get()).orElseThrow().skipped()).isEqualTo(4);
        assertThat(await(rotations.get()).orElseThrow().done()).isEqualTo(1);
        moved.forEach(each -> assertThatExceptionOfType(CryptoException.class).isThrownBy(() -> open(each)));
        assertThat(open(good).accessToken()).isEqualTo(Secret.of("good"));
        MasterKeys.Report report = await(keys.report());
        assertThat(key(report, old).rows()).containsEntry("oauth_credentials", 4L);
        assertThat(key(report, old).retirable()).isFalse();
    }

    @Test
    void keyIsRetirableWhenNothingRefersToIt() {
        store(TenantId.DEFAULT, "access", "refresh");
        files(young, old);
        await(references.count());
        MasterKeys.Report before = await(keys.report());
        assertThat(key(before, old).retirable()).isFalse();
        assertThat(key(before, old).rows()).containsEntry("oauth_credentials", 1L);
        assertThat(key(before, young).role()).isEqualTo("sealing");

        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));

        MasterKeys.Report after = await(keys.report());
        assertThat(key(after, old).retirable()).isTrue();
        assertThat(key(after, young).retirable()).isFalse();
        assertThat(key(after, young).rows()).containsEntry("oauth_credentials", 1L);
    }

    /** The audit trail under the old key cannot be verified without it, although no row refers to it. */
    @Test
    void keyThatTheAuditTrailNeedsIsNotRetirable() {
        files(young, old);
        assertThat(key(counted(), old).retirable()).isTrue();
        database.run("INSERT INTO audit_chain_keys (key_id, last_seq) VALUES ('" + id(old) + "', 9000000000)");
        assertThat(key(counted(), old).audit()).containsExactly("chain");
        assertThat(key(counted(), old).retirable()).isFalse();
        assertThat(keys.refers(id(old))).isTrue();

        database.run("DELETE FROM audit_chain_keys WHERE key_id = '" + id(old) + "'");
        database.run("INSERT INTO audit_events (tenant_id, operation, actor, token_fingerprint) VALUES ('default',"
                + " 'token_handed_out', 'x', '" + id(old) + "." + "0".repeat(64) + "')");
        assertThat(key(counted(), old).audit()).containsExactly("fingerprints");
        assertThat(key(counted(), old).retirable()).isFalse();

        database.run("DELETE FROM audit_events WHERE token_fingerprint LIKE '" + id(old) + ".%'");
        assertThat(key(counted(), old).retirable()).isTrue();
    }

    private MasterKeys.Report counted() {
        await(references.count());
        return await(keys.report());
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static MasterKeys.Key key(MasterKeys.Report report, String key) {
        return report.keys().stream()
                .filter(each -> each.id().equals(id(key)))
                .findFirst()
                .orElseThrow();
    }

    private Map<StoredCredential, String> many(int count) {
        Map<StoredCredential, String> made = new HashMap<>();
        List<String> tokens = IntStream.range(0, count)
                .mapToObj(i -> "access-" + UUID.randomUUID())
                .toList();
        await(Multi.createFrom()
                        .iterable(tokens)
                        .onItem()
                        .transformToUni(each -> this.tokens
                                .storeCredential(
                                        new io.nexus.oauth.credential.AccountKey(
                                                TenantId.DEFAULT, "strict", each + "@example.com"),
                                        OAuthCredential.bearer(
                                                Secret.of(each),
                                                Secret.of("refresh-" + each),
                                                Instant.now().plus(Duration.ofHours(2))),
                                        "tester",
                                        false)
                                .map(saved -> Map.entry(saved.credential(), each)))
                        .merge(8)
                        .collect()
                        .asList())
                .forEach(each -> made.put(each.getKey(), each.getValue()));
        return made;
    }

    private OAuthCredential open(StoredCredential credential) {
        return await(tokens.getCredential(credential.account())).orElseThrow();
    }

    private void put(StoredCredential credential, String field, String text) {
        database.set(credential.key().id(), "encrypted_" + field + " = '" + text + "'");
    }

    private List<String> texts(List<StoredCredential> all) {
        List<String> texts = new ArrayList<>();
        all.forEach(each -> {
            texts.add(text(each, "access_token"));
            texts.add(text(each, "refresh_token"));
        });
        return texts;
    }

    private void client(String provider) {
        client(provider, Map.of());
    }

    private void client(String provider, Map<String, String> vars) {
        await(tokens.registerProvider(
                ACME,
                new ClientRegistration(
                        provider, "acme-client", Secret.of("first"), Secret.of("second"), Scopes.NONE, null, vars),
                "alice"));
    }

    /** The state after a revocation while the provider is unavailable. */
    private void pendingRevocation(StoredCredential credential) {
        database.run("INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email,"
                + " encrypted_access_token, encrypted_refresh_token, token_type, next_attempt_at, client_vars)"
                + " SELECT credential_id, tenant_id, provider, user_email, encrypted_access_token,"
                + " encrypted_refresh_token, token_type, clock_timestamp() + interval '1 day', client_vars"
                + " FROM oauth_credentials WHERE credential_id = '"
                + credential.key().id() + "'");
    }

    /** Reads of all credentials, and refreshes that rotate the refresh token. */
    private final class Load {
        final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        final AtomicInteger reads = new AtomicInteger();
        final AtomicInteger refreshes = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<StoredCredential> read;
        private final List<StoredCredential> refreshed;

        Load(List<StoredCredential> read, List<StoredCredential> refreshed) {
            this.read = read;
            this.refreshed = refreshed;
        }

        void runUntil(CompletableFuture<Void> work) throws Exception {
            List<Thread> threads = List.of(
                    Thread.startVirtualThread(() -> loop(this::readOne)),
                    Thread.startVirtualThread(() -> loop(this::readOne)),
                    Thread.startVirtualThread(() -> loop(this::refreshOne)));
            try {
                work.get(60, java.util.concurrent.TimeUnit.SECONDS);
            } finally {
                over.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
            }
        }

        private void loop(Runnable action) {
            while (!over.get()) {
                try {
                    action.run();
                } catch (RuntimeException e) {
                    errors.add(e);
                }
            }
        }

        private void readOne() {
            await(tokens.getValidToken(any(read).key(), TokenQuery.DEFAULT));
            reads.incrementAndGet();
        }

        private void refreshOne() {
            await(tokens.refreshCredential(any(refreshed).key(), TokenQuery.DEFAULT));
            refreshes.incrementAndGet();
        }

        private StoredCredential any(List<StoredCredential> all) {
            return all.get(ThreadLocalRandom.current().nextInt(all.size()));
        }
    }
}
