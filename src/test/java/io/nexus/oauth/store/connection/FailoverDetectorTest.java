package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.store.connection.FailoverDetector.Sighting;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailoverDetectorTest {

    private static final long STARTED = 1_000;

    private long now;
    private final FailoverDetector copies = new FailoverDetector(() -> now);

    @BeforeEach
    void look() {
        assertThat(copies.isSettled()).isTrue();
        see(1, 500, STARTED, 300);
    }

    private boolean see(long timeline, long position, long startedAt, long checkpoint) {
        return copies.observe(new Sighting(timeline, position, startedAt, checkpoint), copies.position());
    }

    @Test
    void logThatGrowsIsTheSameOne() {
        see(1, 500, STARTED, 300);
        see(1, 900, STARTED, 700);

        assertThat(copies.isSettled()).isTrue();
    }

    @Test
    void promotedStandbyIsAnotherCopy() {
        assertThat(see(1, 550, STARTED, 300)).isFalse();
        assertThat(see(2, 600, STARTED, 300)).isTrue();
        assertThat(see(2, 650, STARTED, 300)).isFalse();

        assertThat(copies.isSettled()).isFalse();
    }

    @Test
    void shorterLogIsAnotherCopyUntilOthersHadTime() {
        see(1, 499, STARTED + 1, 500);

        assertThat(copies.isSettled()).isFalse();
        now += TimeUnit.SECONDS.toNanos(15);
        assertThat(copies.isSettled()).isTrue();
        see(1, 510, STARTED + 1, 500);
        assertThat(copies.isSettled()).isTrue();
    }

    // it may have written more than was lost when it is looked at for the first time
    @Test
    void recoveryThatEndedEarlierThanWasSeenIsAnotherCopy() {
        see(1, 5_000, STARTED + 1, 499);

        assertThat(copies.isSettled()).isFalse();
    }

    @Test
    void recoveryOfAllThatWasSeenIsTheSameCopy() {
        see(1, 5_000, STARTED + 1, 500);

        assertThat(copies.isSettled()).isTrue();
    }

    @Test
    void whatOthersReachedCountsAsSeen() {
        copies.advance(800);
        copies.advance(700);

        see(1, 5_000, STARTED + 1, 799);

        assertThat(copies.isSettled()).isFalse();
    }

    @Test
    void aNotificationThatLiesStopsNobody() {
        for (int i = 0; i < 3; i++) {
            copies.advance(Long.MAX_VALUE);
            see(1, 500 + i, STARTED, 300);
            assertThat(copies.isSettled()).isTrue();
        }

        see(1, 5_000, STARTED + 1, 501);
        assertThat(copies.isSettled()).as("what was seen still counts").isFalse();
    }

    @Test
    void whatWasHeardAfterAskingSaysNothingAboutTheAnswer() {
        long before = copies.position();
        copies.advance(800);

        copies.observe(new Sighting(1, 600, STARTED, 300), before);

        assertThat(copies.isSettled()).isTrue();
        assertThat(copies.position()).isEqualTo(800);
    }

    @Test
    void firstLookFindsNothingToCompare() {
        FailoverDetector fresh = new FailoverDetector(() -> now);
        fresh.advance(800);

        fresh.observe(new Sighting(7, 900, STARTED, 300), fresh.position());

        assertThat(fresh.isSettled()).isTrue();
    }

    @Test
    void serverThatDoesNotShowItsCheckpointIsJudgedByItsLog() {
        see(1, 600, STARTED + 1, -1);
        assertThat(copies.isSettled()).isTrue();

        see(1, 599, STARTED + 2, -1);
        assertThat(copies.isSettled()).isFalse();
    }
}
