package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplayAgreementTest {

    private static final UUID COPY = UUID.randomUUID();
    private static final Duration YOUNG = Duration.ofSeconds(30);

    private long now;
    private final ReplayAgreement agreement = new ReplayAgreement(() -> now);

    private void read(Duration age, String... awaited) {
        agreement.read(new PresentCopy(COPY, "1.2", 5, age.toNanos(), List.of(awaited)));
    }

    private void replay(UUID copy) {
        agreement.replayed(new ChangeFeed.Replay(copy, false));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void databaseThatRecordsNothingIsSettled() {
        assertThat(agreement.isSettled()).isTrue();
        assertThat(agreement.copy()).isNull();
        assertThat(agreement.waiting()).isEmpty();

        read(YOUNG, "b");
        agreement.forget();
        assertThat(agreement.isSettled()).isTrue();
    }

    @Test
    void oldCopyIsSettledWhoeverIsSilent() {
        read(ReplayAgreement.MAX_WAIT, "b");

        assertThat(agreement.isSettled()).isTrue();
        assertThat(agreement.wantsReplay()).isFalse();
        assertThat(agreement.waiting()).isEmpty();
    }

    @Test
    void youngCopyWaitsForEachReplica() {
        replay(COPY);
        read(YOUNG, "b", "c");
        assertThat(agreement.isSettled()).isFalse();
        assertThat(agreement.waiting())
                .hasValueSatisfying(text -> assertThat(text).contains("b, c", "166 s at most"));

        read(YOUNG, "c");
        assertThat(agreement.isSettled()).isFalse();

        read(YOUNG);
        assertThat(agreement.isSettled()).isTrue();
        assertThat(agreement.waiting()).isEmpty();
    }

    @Test
    void youngCopyWaitsForTheReplayHere() {
        read(YOUNG);
        assertThat(agreement.isSettled()).isFalse();
        assertThat(agreement.wantsReplay()).isTrue();
        assertThat(agreement.waiting())
                .hasValueSatisfying(text -> assertThat(text).contains("this replica has replayed"));

        replay(UUID.randomUUID());
        assertThat(agreement.isSettled()).as("a replay into another copy").isFalse();

        replay(COPY);
        assertThat(agreement.isSettled()).isTrue();
        assertThat(agreement.wantsReplay()).isFalse();
    }

    @Test
    void replicasWhoseRowsAreLostGetTimeToComeBack() {
        replay(COPY);
        read(Duration.ZERO);
        assertThat(agreement.isSettled()).isFalse();
        assertThat(agreement.waiting())
                .hasValueSatisfying(text -> assertThat(text).contains("to come back"));

        pass(ReplayAgreement.MIN_WAIT.minusMillis(1));
        assertThat(agreement.isSettled()).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(agreement.isSettled()).isTrue();
    }

    @Test
    void silentReplicaIsWaitedForNoLongerThanTheBound() {
        replay(COPY);
        read(Duration.ofSeconds(100), "b");

        pass(Duration.ofSeconds(95).minusMillis(1));
        assertThat(agreement.isSettled()).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(agreement.isSettled()).isTrue();
    }

    @Test
    void databaseClockThatIsSetBackMakesNobodyWaitForLong() {
        replay(COPY);
        read(Duration.ofSeconds(100), "b");
        read(Duration.ofDays(-1), "b");
        assertThat(agreement.isSettled()).isFalse();

        pass(ReplayAgreement.MAX_WAIT);

        read(Duration.ofDays(-1).plus(ReplayAgreement.MAX_WAIT), "b");
        assertThat(agreement.isSettled()).isTrue();
    }

    @Test
    void nextFailoverBeginsAnew() {
        replay(COPY);
        read(Duration.ofSeconds(200));
        pass(Duration.ofSeconds(200));
        UUID next = UUID.randomUUID();

        agreement.read(new PresentCopy(next, "1.3", 6, 0, List.of()));
        assertThat(agreement.isSettled()).isFalse();

        replay(next);
        pass(ReplayAgreement.MIN_WAIT);
        assertThat(agreement.isSettled()).isTrue();
    }

    @Test
    void sentenceNamesAFew() {
        read(YOUNG, IntStream.range(0, 40).mapToObj(i -> "r" + i).toArray(String[]::new));

        assertThat(agreement.waiting())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("r0, r1, r2, r3, r4 and 35 more")
                        .doesNotContain("r5"));
    }
}
