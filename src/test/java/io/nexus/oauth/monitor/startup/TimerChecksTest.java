package io.nexus.oauth.monitor.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.monitor.startup.TimerChecks.Subject;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerChecksTest {

    private static final Subject STEADY = subject("steady", false, 0, 10, 30, 0);
    private static final Subject GRACEFUL = subject("graceful", true, 60, 10, 20, 10);
    private static final Subject STRICT = subject("strict", true, 0, 45, 75, 120);

    @Test
    void timersOfTheHouseFit() {
        assertThat(findings(5, 75, 30, STEADY, GRACEFUL, STRICT)).isEmpty();
    }

    @Test
    void graceHasToHoldASecondAttempt() {
        // 20 + 10 + 10 + 20
        assertThat(findings(19, 75, 30, GRACEFUL)).isEmpty();
        assertThat(findings(20, 75, 30, GRACEFUL, STEADY, STRICT))
                .singleElement()
                .asString()
                .startsWith("providers.graceful.refresh: ")
                .contains("60 s", "nexus.oauth.refresh.every");
    }

    @Test
    void marginHasToHoldTwoAttempts() {
        // half of an hour is the widest margin there is
        Subject slow = subject("slow", true, 0, 300, 600, 600);
        Subject killing = new Subject("killing", true, Duration.ZERO, new RefreshTimers(s(300), s(600), s(600), true));

        assertThat(findings(5, 700, 30, slow, killing))
                .singleElement()
                .asString()
                .startsWith("providers.slow.refresh: ");
    }

    @Test
    void platformHasToWaitForWhatIsUnderWay() {
        assertThat(findings(5, 61, 30, STRICT, STEADY)).isEmpty();
        assertThat(findings(5, 60, 30, STEADY, STRICT))
                .singleElement()
                .asString()
                .startsWith("nexus.oauth.refresh.termination-grace: must be longer than 60 s");
    }

    @Test
    void hangingProcessHasToEndBeforeItsQuarantine() {
        assertThat(findings(5, 75, 119, STRICT)).isEmpty();
        assertThat(findings(5, 75, 120, STRICT))
                .singleElement()
                .asString()
                .startsWith("nexus.oauth.refresh.liveness-window: must be shorter than 120 s");
        // where nothing can be lost, or the provider gives it again, it does not matter
        assertThat(findings(5, 75, 120, STEADY, GRACEFUL)).isEmpty();
    }

    @Test
    void tellsEverythingAtOnce() {
        assertThat(findings(60, 10, 500, GRACEFUL, STRICT))
                .extracting(finding -> finding.substring(0, finding.indexOf(':')))
                .containsExactly(
                        "providers.graceful.refresh",
                        "nexus.oauth.refresh.termination-grace",
                        "nexus.oauth.refresh.liveness-window");
    }

    private static List<String> findings(long every, long terminationGrace, long livenessWindow, Subject... subjects) {
        return new TimerChecks(List.of(subjects), s(every), s(terminationGrace), s(livenessWindow))
                .findings().stream().map(Finding::line).toList();
    }

    private static Subject subject(String id, boolean rotating, long grace, long http, long lease, long quarantine) {
        return new Subject(id, rotating, s(grace), new RefreshTimers(s(http), s(lease), s(quarantine), false));
    }

    private static Duration s(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
