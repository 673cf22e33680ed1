package io.nexus.oauth.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.testing.MutableClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The output on a terminal: tables, progress, times and the removal of control characters. */
class TerminalTest {

    private static final List<String> TITLES = List.of("Provider", "User Email", "Status");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(written, true, StandardCharsets.UTF_8);

    @Test
    void aTableHasAFrameWhereItFits() {
        assertThat(drawn(terminal(true, 60), List.of("google", "alice@example.com", "🟢 Valid")))
                .containsExactly(
                        "┌──────────┬───────────────────┬──────────┐",
                        "│ Provider │ User Email        │ Status   │",
                        "├──────────┼───────────────────┼──────────┤",
                        "│ google   │ alice@example.com │ 🟢 Valid │",
                        "└──────────┴───────────────────┴──────────┘");
        assertThat(drawn(terminal(true, 0), List.of("google", "a".repeat(300), "Valid")))
                .hasSize(5);
    }

    @Test
    void aTableIsCutWhereItDoesNotFit() {
        List<String> row = List.of("google", "a-rather-long-name@example.com", "🟢 Valid");

        assertThat(drawn(terminal(true, 45), row))
                .isEqualTo(List.of(
                        "Provider  User Email                 Status",
                        "google    a-rather-long-name@examp…  🟢 Valid"));
        assertThat(drawn(terminal(false, 45), row).getLast()).contains("a-rather-long-name@examp~");
        for (int columns = 30; columns < 80; columns++) {
            int most = columns;
            assertThat(drawn(terminal(true, columns), row)).allMatch(line -> Text.width(line) <= most);
        }
        written.reset();
        new Table(terminal(true, 20), TITLES, List.of(row)).print(stream, false, true);
        assertThat(lines()).containsExactly("google    a-rather-long-name@example.com  🟢 Valid");
    }

    @Test
    void wideCharactersTakeTwoColumns() {
        List<String> lines = drawn(terminal(true, 0), List.of("日本", "é́", "⚫ Revoked"));

        assertThat(lines.stream().map(Text::width)).containsOnly(Text.width(lines.getFirst()));
    }

    /** As Unicode's table has it: pictures of all ages, Hangul, combining marks, and the dots of a status. */
    @ParameterizedTest
    @CsvSource({
        "ab, 2",
        "日本, 4",
        "ﾊﾝ, 2",
        "한, 2",
        "\u1112\u1161\u11ab, 2",
        "e\u0301, 1",
        "⌚, 2",
        "☕, 2",
        "⚫, 2",
        "🟢, 2",
        "👍\ud83c\udffd, 2"
    })
    void aCharacterIsAsWideAsTerminalsShowIt(String text, int columns) {
        assertThat(Text.width(text)).isEqualTo(columns);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u001b[2Jx", "a\nb", "a\rb", "\u202eabc", "\u2028", "\u0007", "\u009b31m"})
    void nothingThatATerminalActsOnIsShown(String text) {
        assertThat(Text.clean(text).codePoints())
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT)
                .noneMatch(c -> c == 0x2028);
    }

    @ParameterizedTest
    @CsvSource({
        "0, just now",
        "30, 30 s ago",
        "120, 2 min ago",
        "3600, 1 hour ago",
        "259200, 3 days ago",
        "-7200, in 2 hours"
    })
    void timesAreRelative(long secondsAgo, String words) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(Text.relative(now.minusSeconds(secondsAgo), now)).isEqualTo(words);
    }

    @Test
    void progressTellsHowFarAndHowLong() {
        MutableClock clock = new MutableClock();
        Progress progress = new Progress(shell(clock, new Terminal(false, false, true, false, true, 80)), "rows");

        progress.at(0, 1000);
        assertThat(text()).isEqualTo("\r\u001b[K[                        ] 0 of 1000 rows, 0 %");
        written.reset();
        clock.advance(Duration.ofMillis(100));
        progress.at(10, 1000);
        assertThat(text()).isEmpty();
        clock.advance(Duration.ofSeconds(10));
        progress.at(500, 1000);
        assertThat(text()).contains("[############            ] 500 of 1000 rows, 50 %, 50/s, 11 s left");
        written.reset();
        progress.close();
        assertThat(text()).isEqualTo("\r\u001b[K");
    }

    @Test
    void progressIsALineNowAndThenInALog() {
        MutableClock clock = new MutableClock();
        try (Progress progress =
                new Progress(shell(clock, new Terminal(false, false, false, false, true, 0)), "rows")) {
            for (int second = 0; second <= 30; second++) {
                progress.at(second * 10L, 0);
                clock.advance(Duration.ofSeconds(1));
            }
        }
        assertThat(lines()).containsExactly("100 rows, 10/s", "200 rows, 10/s", "300 rows, 10/s");
    }

    @Test
    void theEnvironmentSaysWhatTheTerminalCan() {
        Properties properties = new Properties();
        properties.setProperty("nexus.tty", "012");
        properties.setProperty("nexus.columns", "93");
        assertThat(Terminal.of(Map.of("LANG", "en_US.UTF-8"), properties))
                .isEqualTo(new Terminal(true, true, true, true, true, 93));
        assertThat(Terminal.of(Map.of("NO_COLOR", "1"), properties))
                .isEqualTo(new Terminal(true, true, true, false, false, 93));
        assertThat(Terminal.of(Map.of("TERM", "dumb"), properties).colored()).isFalse();
        assertThat(Terminal.of(Map.of("CLICOLOR_FORCE", "1"), new Properties()))
                .isEqualTo(new Terminal(false, true, false, true, false, 0));
    }

    private static Terminal terminal(boolean unicode, int columns) {
        return new Terminal(false, true, false, false, unicode, columns);
    }

    private List<String> drawn(Terminal terminal, List<String> row) {
        written.reset();
        new Table(terminal, TITLES, List.of(row)).print(stream, true, false);
        return lines();
    }

    private Shell shell(Clock clock, Terminal terminal) {
        return new Shell(Map.of(), terminal, new ByteArrayInputStream(new byte[0]), stream, stream, clock);
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    private List<String> lines() {
        return text().lines().toList();
    }
}
