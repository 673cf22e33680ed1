package io.nexus.oauth.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.event.Activity;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentRefreshesTest {

    private final RecentRefreshes recent = new RecentRefreshes();

    @Test
    void summarisesTheLatestAndForgetsTheRest() {
        assertThat(recent.summary()).isEqualTo(new RecentRefreshes.Summary(0, 0, Duration.ZERO, Duration.ZERO));
        add(900, true);
        add(100, false);
        assertThat(recent.summary())
                .isEqualTo(new RecentRefreshes.Summary(2, 1, Duration.ofMillis(500), Duration.ofMillis(900)));

        for (int i = 0; i < RecentRefreshes.MOST; i++) {
            add(40, i % 4 == 0);
        }

        assertThat(recent.summary())
                .isEqualTo(new RecentRefreshes.Summary(100, 25, Duration.ofMillis(40), Duration.ofMillis(40)));
    }

    private void add(long millis, boolean failed) {
        recent.add(new Activity.Refresh("google", "due", "success", null, Duration.ofMillis(millis)), failed);
    }
}
