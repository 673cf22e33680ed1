package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.SampleCredential;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The next read detects an old row that was restored. */
@QuarkusTest
class RollbackDetectorTest extends TokenFixture {

    @Inject
    CredentialCache warm;

    @Inject
    RollbackDetector detector;

    @AfterEach
    void forgetCopies() {
        database.run("DROP TABLE IF EXISTS old_rows");
    }

    @Test
    void aRestoredRowRaisesTheAlarmWithinOneRead() {
        StoredCredential before = connect("steady");
        double alarms = alarms();
        copy(before.key().id());
        tokens.refreshCredential(before.key(), TokenQuery.DEFAULT).await().atMost(Duration.ofSeconds(30));
        assertThat(row(before).version()).isEqualTo(2);

        restore(before.key().id());
        get(before);

        Awaitility.await().untilAsserted(() -> assertThat(trail(before)).containsExactly("was version 2"));
        // the row can be read before the service hears that it is written
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(heard.of(before.key().id())).contains("credential_rolled_back:was version 2"));
        assertThat(alarms()).isEqualTo(alarms + 1);

        // it is reported once
        warm.evict(before.key().id());
        get(before);
        assertThat(trail(before)).hasSize(1);
        assertThat(alarms()).isEqualTo(alarms + 1);
    }

    @Test
    void aRevocationThatIsUndoneIsNoticed() {
        StoredCredential credential = connect("steady");
        copy(credential.key().id());
        tokens.revokeCredential(credential.key(), "tester").await().atMost(Duration.ofSeconds(30));
        assertThat(failure(credential)).isNotNull();

        restore(credential.key().id());
        get(credential);

        Awaitility.await().untilAsserted(() -> assertThat(trail(credential)).containsExactly("was version 2"));
    }

    /** Keeps the version of the revocation, as an attacker who knows the detector would. */
    @Test
    void aRevocationThatIsUndoneAtItsVersionIsNoticedWhereItWasMade() {
        StoredCredential credential = connect("steady");
        double alarms = alarms();
        copy(credential.key().id());
        await(tokens.revokeCredential(credential.key(), "tester"));

        restore(credential.key().id());
        database.set(credential.key().id(), "token_version = 2");
        get(credential);

        Awaitility.await().untilAsserted(() -> assertThat(trail(credential)).containsExactly("was revoked"));
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(heard.of(credential.key().id())).contains("credential_rolled_back:was revoked"));
        assertThat(alarms()).isEqualTo(alarms + 1);
    }

    @Test
    void aNewGrantAfterARevocationIsNoOldRow() {
        StoredCredential credential = connect("steady");
        double alarms = alarms();
        await(tokens.revokeCredential(credential.key(), "tester"));
        assertThat(failure(credential)).isNotNull();

        StoredCredential again = connect(credential.account(), HOUR);
        assertThat(again.version()).isEqualTo(3);
        get(again);
        await(tokens.revokeCredential(credential.key(), "tester"));
        // what a read that was under way brings
        warm.stored(again);

        Awaitility.await()
                .during(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(trail(credential)).isEmpty());
        assertThat(alarms()).isEqualTo(alarms);
    }

    @Test
    void anOldAnswerIsNoOldRow() {
        StoredCredential before = connect("steady");
        double alarms = alarms();
        tokens.refreshCredential(before.key(), TokenQuery.DEFAULT).await().atMost(Duration.ofSeconds(30));

        // what a read that was under way brings
        warm.stored(before);

        Awaitility.await()
                .during(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(trail(before)).isEmpty());
        assertThat(alarms()).isEqualTo(alarms);
    }

    /** A credential that is in use stays known, however many others somebody connects. */
    @Test
    void aTenantWithVeryManyCredentialsHidesNoRollbackOfAnother() {
        StoredCredential other = connect("steady");
        tokens.refreshCredential(other.key(), TokenQuery.DEFAULT).await().atMost(Duration.ofSeconds(30));
        StoredCredential newer = row(other);
        double alarms = alarms();

        for (int i = 0; i < 150_000; i++) {
            detector.seen(SampleCredential.of("hostile", "user-" + i, "client"));
            if (i % 1_000 == 0) {
                detector.seen(newer);
            }
        }

        assertThat(detector.size()).isEqualTo(RollbackDetector.MAX_CREDENTIALS);
        database.set(other.key().id(), "token_version = 1");
        detector.seen(other);
        Awaitility.await().untilAsserted(() -> assertThat(trail(other)).containsExactly("was version 2"));
        assertThat(alarms()).isEqualTo(alarms + 1);
    }

    private void copy(UUID id) {
        database.run("DROP TABLE IF EXISTS old_rows");
        database.run("CREATE TABLE old_rows AS SELECT * FROM oauth_credentials WHERE credential_id = '" + id + "'");
    }

    private void restore(UUID id) {
        database.run("DELETE FROM oauth_credentials WHERE credential_id = '" + id + "'");
        database.run("INSERT INTO oauth_credentials SELECT * FROM old_rows");
        warm.evict(id);
    }

    private List<String> trail(StoredCredential credential) {
        return database.all("SELECT detail FROM audit_events WHERE operation = 'credential_rolled_back'"
                + " AND credential_id = '" + credential.key().id() + "'");
    }

    private static double alarms() {
        return Api.metric("nexus_oauth_alarms_total", "credential_rolled_back");
    }
}
