package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the command line says without a service. */
class HelpTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        err.reset();
        String[] command = Stream.concat(Stream.of("oauth"), Stream.of(args)).toArray(String[]::new);
        Shell shell = new Shell(
                Map.of(),
                Terminal.of(Map.of(), new Properties()),
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC());
        return Commands.of(shell, command).execute(command);
    }

    private String out(String... args) {
        assertThat(run(args)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private String refused(String... args) {
        assertThat(run(args)).isEqualTo(2);
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsTheCommandsInGroups() {
        String help = out("--help");

        assertThat(help)
                .containsSubsequence(
                        "Accounts:", "  list ", "connect, init", "Tokens for programs:", "  token ", "Exit codes:");
        assertThat(refused()).contains("Accounts:");
    }

    @Test
    void showsExamples() {
        assertThat(out("connect", "--help"))
                .containsSubsequence("Examples:", "  nexus oauth connect google alice@example.com");
        assertThat(out("clients", "set", "--help")).contains("--var tenant=contoso.example");
    }

    @Test
    void suggestsTheNearestCommand() {
        assertThat(refused("lst")).containsOnlyOnce("Did you mean").contains("nexus oauth list");
        assertThat(refused("frobnicate")).doesNotContain("Did you mean");
    }

    @Test
    void suggestsTheNearestOption() {
        assertThat(refused("list", "--provdier", "google"))
                .containsOnlyOnce("Did you mean")
                .contains("Did you mean: --provider");
        assertThat(refused("list", "--frobnicate")).doesNotContain("Did you mean");
    }

    @Test
    void findsACommandFurtherInside() {
        assertThat(refused("rotate", "now")).contains("Did you mean: nexus oauth keys rotate");
    }

    @Test
    void aListOfNothingIsNoWish() {
        for (String limit : List.of("0", "-1", "all")) {
            assertThat(refused("audit", "--limit", limit)).contains("--limit", "must be a whole number from 1 on");
        }
    }

    @Test
    void explainsCodesAndProblemTypes() {
        assertThat(out("explain", "rotation_lost")).contains("Only the user can act", "after a response was lost");
        assertThat(out("explain", "urn:nexus-oauth:problem:insufficient-scope")).contains("HTTP 409", "missing_scopes");
        assertThat(refused("explain", "invalid_grnt")).contains("Did you mean invalid_grant?");
        assertThat(out("explain", "http_403")).contains("status 403", "permanent_http");
        assertThat(out("explain").lines()).hasSizeGreaterThan(90);
    }
}
