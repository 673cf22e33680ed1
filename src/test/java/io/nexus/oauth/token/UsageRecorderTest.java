package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.DailyUsage;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.UsageStore;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A token request writes nothing; its count is written in a batch. */
@QuarkusTest
class UsageRecorderTest extends TokenFixture {

    @Inject
    UsageRecorder usage;

    @Inject
    UsageStore store;

    @Inject
    HousekeepingScheduler housekeeping;

    @BeforeEach
    void forget() {
        await(usage.flush());
        database.run("DELETE FROM credential_usage");
    }

    @AfterEach
    void healUsage() {
        database.heal("credential_usage");
    }

    @Test
    void countsHandOutsInBatches() {
        StoredCredential one = connect("steady");
        StoredCredential two = connect("steady");
        for (int i = 0; i < 3; i++) {
            get(one);
        }
        get(two);
        assertThat(row(one).lastUsedAt()).isNull();

        await(usage.flush());

        assertThat(handouts(one)).isEqualTo(3);
        assertThat(handouts(two)).isEqualTo(1);
        assertThat(row(one).lastUsedAt()).isCloseTo(Instant.now(), within(30, ChronoUnit.SECONDS));
        assertThat(row(one).updatedAt()).isEqualTo(one.updatedAt());
    }

    @Test
    void addsToTheDaysCount() {
        StoredCredential credential = connect("steady");
        LocalDate day = LocalDate.now(ZoneOffset.UTC);
        get(credential);
        await(usage.flush());
        get(credential);
        get(credential);

        await(housekeeping.usage());

        List<DailyUsage> days = await(store.days(credential.key(), Optional.empty(), 10));
        assertThat(days).extracting(DailyUsage::day).containsAnyOf(day, LocalDate.now(ZoneOffset.UTC));
        assertThat(days.stream().mapToLong(DailyUsage::handouts).sum()).isEqualTo(3);
    }

    @Test
    void writesNothingWhenNothingWasHandedOut() {
        StoredCredential credential = connect("steady");
        database.breakWrites("credential_usage");

        await(usage.flush());

        assertThat(handouts(credential)).isZero();
    }

    @Test
    void putsCountsBackWhenTheyCannotBeWritten() {
        StoredCredential one = connect("steady");
        StoredCredential two = connect("steady");
        get(one);
        get(two);
        database.breakWrites("credential_usage");

        assertThatThrownBy(() -> await(usage.flush())).isInstanceOf(StorageException.class);
        await(housekeeping.usage());
        get(one);

        database.heal("credential_usage");
        await(usage.flush());
        assertThat(handouts(one)).isEqualTo(2);
        assertThat(handouts(two)).isEqualTo(1);
    }

    @Test
    void keepsTheLatestTimeOfUse() {
        StoredCredential credential = connect("steady");
        Instant later = Instant.parse("2026-03-01T10:00:00Z");
        usage.count(credential.key(), later);
        usage.count(credential.key(), later.minusSeconds(60));

        await(usage.flush());

        assertThat(row(credential).lastUsedAt()).isEqualTo(later);
        assertThat(await(store.days(credential.key(), Optional.empty(), 10)))
                .containsExactly(new DailyUsage(LocalDate.parse("2026-03-01"), 2));
    }

    @Test
    void aTenantWithVeryManyCredentialsTakesHalfOfThePlacesAndAnotherIsCounted() {
        UsageRecorder own = new UsageRecorder(store);
        TenantId hostile = new TenantId("hostile");
        for (int i = 0; i < UsageRecorder.MAX_WAITING; i++) {
            own.count(new CredentialKey(hostile, UUID.randomUUID()), Instant.now());
        }
        assertThat(own.size()).isEqualTo(UsageRecorder.MAX_WAITING / 2);
        StoredCredential other = connect("steady");

        own.count(other.key(), Instant.now());
        await(own.flush());

        assertThat(handouts(other)).isEqualTo(1);
        assertThat(own.size()).isZero();
        own.count(new CredentialKey(hostile, UUID.randomUUID()), Instant.now());
        assertThat(own.size()).isEqualTo(1);
    }

    private long handouts(StoredCredential credential) {
        return database.count("SELECT COALESCE(sum(handouts), 0) FROM credential_usage WHERE credential_id = '"
                + credential.key().id() + "'");
    }
}
