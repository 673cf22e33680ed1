package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.api.AuditEntryView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TimelineTest {

    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    @Test
    void equalRefreshesThatFollowEachOtherAreOneEntry() {
        List<Timeline.Entry> entries = Timeline.of(List.of(
                line(6, "token_refreshed", "scheduler", null),
                line(5, "token_refreshed", "scheduler", null),
                line(4, "token_refreshed", "bob", null),
                line(3, "credential_updated", "bob", null),
                line(2, "credential_updated", "bob", null),
                line(1, "token_handed_out", "reader", "a"),
                line(0, "token_handed_out", "reader", "b")));

        assertThat(entries).extracting(each -> each.lines().size()).containsExactly(2, 1, 1, 1, 1, 1);
        assertThat(entries.getFirst().times()).isEqualTo(4);
        assertThat(entries.getFirst().newest().at()).isEqualTo(NOON.plusSeconds(6));
        assertThat(entries.getFirst().since()).isEqualTo(NOON.plusSeconds(5));
        assertThat(entries.getFirst().isFolded()).isTrue();
        assertThat(entries.getLast().isFolded()).isFalse();
        assertThat(Timeline.of(List.of())).isEmpty();
    }

    private static AuditEntryView line(int second, String operation, String actor, @Nullable String detail) {
        return new AuditEntryView(
                second, NOON.plusSeconds(second), operation, null, null, null, actor, null, null, null, 2, detail);
    }
}
