package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyrings;
import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.journal.SpillJournal;
import io.nexus.oauth.store.keys.ReplicaStore;
import io.nexus.oauth.testing.StrictProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.vertx.mutiny.core.Vertx;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** This replica and another with its own keyring and the same database. */
@QuarkusTest
class ReplicaKeysIT extends KeysFixture {

    @Inject
    ReplicaStore store;

    @Inject
    SpillJournal journal;

    @Inject
    ChangeFeed feed;

    @Inject
    Vertx vertx;

    @Inject
    CancellationShield shield;

    private List<String> theirFiles;
    private LiveKeyring theirKeyring;
    private ReplicaKeys theirs;

    @BeforeEach
    void startAnother() {
        theirFiles = List.of(old);
        theirKeyring = Keyrings.live(() -> theirFiles);
        theirs = new ReplicaKeys("another", store, theirKeyring, journal, feed, vertx);
        await(theirs.announce());
    }

    @Test
    void nothingIsSealedUnderAKeyThatOneReplicaHasNotGotYet() {
        files(young, old);

        assertThat(keyring.sealingId()).isEqualTo(id(old));
        assertThat(text(store(TenantId.DEFAULT, "access", "refresh"), "refresh_token"))
                .startsWith(id(old) + ".");
        assertThatExceptionOfType(CredentialException.Conflict.class)
                .isThrownBy(() -> keys.rotate("tester", TenantId.DEFAULT))
                .withMessageContaining(id(young))
                .withMessageContaining("another");
        Api.assertProblem(Api.admin().post("/api/v1/keys/rotate"), 409, "conflict");
        assertThat(database.count("SELECT count(*) FROM key_rotation")).isZero();

        theirFiles = List.of(young, old);
        theirKeyring.reread();
        await(theirs.announce());
        await(replicas.announce());

        assertThat(keyring.sealingId()).isEqualTo(id(young));
        assertThat(replicas.allSealUnder(id(young))).isFalse();
        await(theirs.announce());
        await(replicas.announce());
        assertThat(theirKeyring.sealingId()).isEqualTo(id(young));
        assertThat(replicas.allSealUnder(id(young))).isTrue();
        assertThat(text(store(TenantId.DEFAULT, "access", "refresh"), "refresh_token"))
                .startsWith(id(young) + ".");
    }

    @Test
    void replicaThatIsGoneForAMinuteHoldsNobodyUp() {
        files(young, old);
        assertThat(keyring.sealingId()).isEqualTo(id(old));

        database.run("UPDATE replicas SET seen_at = clock_timestamp() - interval '61 s', journal_key_ids = '{" + id(old)
                + "}', journal_place = 'elsewhere' WHERE replica_id = 'another'");
        await(replicas.announce());

        assertThat(keyring.sealingId()).isEqualTo(id(young));
        // entries on its disk may still be under the old key
        await(references.count());
        assertThat(key(old).journals()).containsExactly("another");
        assertThat(key(old).retirable()).isFalse();

        database.run("UPDATE replicas SET journal_key_ids = '{}' WHERE replica_id = 'another'");
        await(replicas.announce());
        await(replicas.announce());
        assertThat(database.count("SELECT count(*) FROM replicas")).isOne();
        assertThat(key(old).retirable()).isTrue();
    }

    // a replica without the new key came and went: rows stored meanwhile are under the old key
    @Test
    void keyIsNotRetirableByWhatWasCountedBeforeItSealedAgain() {
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        files(young, old);
        assertThat(key(old).retirable()).isTrue();

        await(theirs.announce());
        await(replicas.announce());
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        store(TenantId.DEFAULT, "access", "refresh");
        await(theirs.leave());
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        await(replicas.announce());
        assertThat(keyring.sealingId()).isEqualTo(id(young));
        await(replicas.announce());

        assertThat(key(old).retirable()).isFalse();
        assertThat(key(old).rows()).containsEntry("oauth_credentials", 1L);
    }

    @Test
    void nothingIsCalledRetirableWhileRowsAreCounted() throws Exception {
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        await(references.count());
        files(young, old);
        try (Connection locks = dataSource.getConnection()) {
            locks.setAutoCommit(false);
            try (Statement lock = locks.createStatement()) {
                lock.execute("LOCK TABLE oauth_clients IN ACCESS EXCLUSIVE MODE");
            }
            CompletableFuture<Void> counting = shield.start(references::count);
            MasterKeys.Report report = await(keys.report());
            assertThat(report.counting()).isTrue();
            assertThat(report.keys()).noneMatch(MasterKeys.Key::retirable);
            assertThat(counting).isNotDone();
            locks.rollback();
            assertThat(counting).succeedsWithin(Duration.ofSeconds(60));
        }

        assertThat(key(old).retirable()).isTrue();
        Api.admin().get("/api/v1/keys").then().body("counting", Matchers.equalTo(false));
    }

    @Test
    void replicaThatStopsHoldsNobodyUp() {
        files(young, old);
        assertThat(keyring.sealingId()).isEqualTo(id(old));

        await(theirs.leave());
        assertThat(await(theirs.announceWhenDue())).isFalse();
        await(replicas.announce());

        assertThat(keyring.sealingId()).isEqualTo(id(young));
    }

    // a Secret that holds only the new key comes with the first replica of a deployment
    @Test
    void replicaWithoutACommonKeyIsTheOnlyOneThatIsNotReady() {
        theirFiles = List.of(young);
        theirKeyring = Keyrings.live(() -> theirFiles);
        theirs = new ReplicaKeys("stranger", store, theirKeyring, journal, feed, vertx);
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        await(theirs.announce());
        await(replicas.announce());
        keys.publish();

        ready("UP");
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        assertThat(key(young).role()).isEqualTo("elsewhere");
        assertThat(replicas.allSealUnder(id(old))).isTrue();
        SecretSealer strange = new SecretSealer(theirKeyring, tenantKeys);
        assertThat(strange.canSeal()).isFalse();
        await(theirs.announce());
        assertThat(database.one("SELECT sealing_id FROM replicas WHERE replica_id = 'stranger'"))
                .isEmpty();

        // with the old key behind the new one it takes part
        theirFiles = List.of(young, old);
        theirKeyring.reread();
        await(theirs.announce());
        assertThat(strange.canSeal()).isTrue();
        assertThat(theirKeyring.sealingId()).isEqualTo(id(old));
    }

    @Test
    void isNotReadyWithoutAKeyThatElderReplicasHold() {
        database.run("UPDATE replicas SET joined_at = '2000-01-01', key_ids = '{" + id(young) + "}', sealing_id = '"
                + id(young) + "' WHERE replica_id = 'another'");
        StrictProvider.Tokens granted = provider.grant("x");
        StoredCredential credential = store(TenantId.DEFAULT, granted.access(), granted.refresh());
        await(replicas.announce());
        keys.publish();

        assertThat(key(young).role()).isEqualTo("foreign");
        assertThat(key(old).role()).isEqualTo("opens");
        ready("DOWN")
                .body(
                        "checks.find { it.name == 'keyring' }.data.sealing_elsewhere_and_not_here",
                        Matchers.equalTo(id(young)));
        Api.assertProblem(Api.admin().body(Api.grant()).post("/api/v1/credentials"), 503, "keys-unsettled");
        Api.admin().post("/api/v1/credentials/" + credential.key().id() + "/refresh");
        assertThat(provider.calls("x")).isEmpty();
        Api.assertProblem(Api.admin().post("/api/v1/keys/rotate"), 409, "conflict");

        files(young, old);
        keys.publish();
        ready("UP");
        Api.imported(Api.bootstrapKey(), Api.grant());
        Api.admin()
                .post("/api/v1/credentials/" + credential.key().id() + "/refresh")
                .then()
                .statusCode(200);
        assertThat(provider.calls("x")).hasSize(1);
    }

    // the database was unavailable for longer than a minute, and another replica came back first
    @Test
    void whoWasForgottenComesBackInItsOldPlace() {
        String joined = "SELECT joined_at FROM replicas WHERE replica_id = '" + replicas.id() + "'";
        String before = database.one(joined);
        database.run("DELETE FROM replicas");
        await(theirs.announce());

        await(replicas.announce());

        assertThat(database.one(joined)).isEqualTo(before);
    }

    private static ValidatableResponse ready(String status) {
        return Api.management()
                .get("/q/health/ready")
                .then()
                .body("checks.find { it.name == 'keyring' }.status", Matchers.equalTo(status));
    }

    @Test
    void removedKeyStaysWhileSomethingRefersToIt() {
        StoredCredential credential = store(TenantId.DEFAULT, "access", "refresh");
        theirFiles = List.of(young, old);
        theirKeyring.reread();
        await(theirs.announce());
        files(young);
        await(theirs.announce());
        await(theirs.announce());
        await(replicas.announce());
        long later = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        await(references.count());

        watch.dropUnused(later, keys::refers);
        keys.publish();

        assertThat(key(old).role()).isEqualTo("kept");
        assertThat(await(tokens.getCredential(credential.account()))
                        .orElseThrow()
                        .accessToken())
                .isEqualTo(Secret.of("access"));
        assertThat(Api.metric("nexus_oauth_key_info", "key_id=\"" + id(old) + "\"", "role=\"kept\""))
                .isOne();
        assertThat(Api.metric("nexus_oauth_ciphertexts", "key_id=\"" + id(old) + "\"", "table=\"oauth_credentials\""))
                .isOne();

        database.clear();
        await(references.count());
        watch.dropUnused(System.nanoTime(), keys::refers);
        assertThat(keyring.kept()).containsExactly(id(old));
        watch.dropUnused(later, keys::refers);
        assertThat(keyring.kept()).isEmpty();
    }

    @Test
    void keyThatNobodyHasIsNamedAndCostsItsRowsOnly() {
        StoredCredential lost = store(TenantId.DEFAULT, "lost", "refresh");
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        files(young);
        StoredCredential good = store(TenantId.DEFAULT, "good", "refresh");
        keyring.forget(id(old));
        await(replicas.announce());
        await(references.count());
        keys.publish();

        assertThat(key(old).role()).isEqualTo("missing");
        Api.management()
                .get("/q/health/ready")
                .then()
                .body("checks.find { it.name == 'keyring' }.status", Matchers.equalTo("UP"))
                .body("checks.find { it.name == 'keyring' }.data.missing", Matchers.containsString(id(old)));
        assertThatExceptionOfType(CryptoException.UnknownKey.class)
                .isThrownBy(() -> await(tokens.getCredential(lost.account())));
        assertThat(await(tokens.getCredential(good.account())).orElseThrow().accessToken())
                .isEqualTo(Secret.of("good"));

        // put back, it is read at once because it was missed
        KeyFile.write(List.of(young, old));
        assertThat(keyring.isUnknownKeyRequested()).isTrue();
        await(watch.rereadWhenDue());
        assertThat(await(tokens.getCredential(lost.account())).orElseThrow().accessToken())
                .isEqualTo(Secret.of("lost"));
    }

    @Test
    void brokenFileShowsInHealthAndMetrics() {
        KeyFile.write(List.of(young, "c2hvcnQ="));
        await(watch.rereadWhenDue());
        await(replicas.announce());

        assertThat(keyring.ids()).containsExactly(id(old));
        assertThat(Api.metric("nexus_oauth_key_files_broken")).isOne();
        Api.management()
                .get("/q/health/ready")
                .then()
                .body("checks.find { it.name == 'keyring' }.status", Matchers.equalTo("UP"))
                .body("checks.find { it.name == 'keyring' }.data.problem", Matchers.containsString("line 2"));
        files(old);
        assertThat(Api.metric("nexus_oauth_key_files_broken")).isZero();
    }

    @Test
    void adminSeesKeysAndRotation() {
        database.run("DELETE FROM replicas WHERE replica_id = 'another'");
        store(TenantId.DEFAULT, "access", "refresh");
        files(young, old);

        Api.admin()
                .post("/api/v1/keys/rotate")
                .then()
                .statusCode(202)
                .body("rotation.state", Matchers.equalTo("running"))
                .body("rotation.key_id", Matchers.equalTo(id(young)))
                .body("rotation.started_by", Matchers.equalTo("bootstrap"));
        Api.admin().post("/api/v1/keys/rotate").then().statusCode(202);
        Api.admin()
                .get("/api/v1/keys")
                .then()
                .statusCode(200)
                .body("keys.find { it.key_id == '" + id(old) + "' }.role", Matchers.equalTo("opens"))
                .body("keys.find { it.key_id == '" + id(young) + "' }.role", Matchers.equalTo("sealing"))
                .body("keys.find { it.key_id == '" + id(young) + "' }.replicas", Matchers.hasSize(1));
        assertThat(database.count(
                        "SELECT count(*) FROM audit_events WHERE operation = 'key_rotation_begun' AND subject = '"
                                + id(young) + "'"))
                .isOne();
    }

    private MasterKeys.Key key(String key) {
        return await(keys.report()).keys().stream()
                .filter(each -> each.id().equals(id(key)))
                .findFirst()
                .orElseThrow();
    }
}
