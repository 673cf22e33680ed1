package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ApiRequest;
import io.nexus.oauth.cli.connection.Login;
import io.nexus.oauth.cli.connection.ServerOptions;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import io.nexus.oauth.cli.terminal.Text;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line with invalid answers and files, and with signals and broken streams. */
class StubbedCommandIT {

    private static final String ACTIVE = "\\u001b]0;x\\u0007\\u009b31m\\u202e";
    private static final String KEY = "an-api-key";

    @TempDir
    Path home;

    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private StubService service;
    private NexusProcess nexus;

    @BeforeEach
    void start() throws IOException {
        service = new StubService();
        nexus = new NexusProcess(home).with("NEXUS_SERVER", service.url()).with("NEXUS_API_KEY", KEY);
        environment.putAll(Map.of(
                "HOME", home.toString(), "NEXUS_SERVER", service.url(), "NEXUS_API_KEY", KEY, "LANG", "C.UTF-8"));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "protocol=https\nhost=evil.com\nusername=x\rhost=github.com\n\n",
                "protocol=https\nhost=evil.com\nhost=github.com\n\n",
                "protocol=http\nprotocol=https\nhost=github.com\n\n",
                "protocol=https\nhost=github.com\nusername=\0\n\n",
                "protocol=https\nhost=github.com\r\n\r\n"
            })
    void givesGitNothingForAQuestionWithTwoReadings(String question) {
        service.on("/token", 200, StubService.TOKEN);
        String[] get = {"git-credential", "github", "alice@example.com", "get"};

        assertThat(run("protocol=https\nhost=github.com\nwwwauth[]=a\nwwwauth[]=b\n\n", get))
                .isZero();
        assertThat(text(out)).contains("password=the-token");
        out.reset();
        assertThat(run(question, get)).isZero();
        assertThat(text(out)).isEmpty();
        assertThat(text(err)).contains("malformed request");
    }

    @Test
    void demonstratesNothingOutsideLocalMode() {
        for (String server : List.of(service.url(), "https://oauth.example.com")) {
            out.reset();
            err.reset();
            for (String[] command : List.of(new String[] {"demo"}, new String[] {"demo", "--remove"})) {
                assertThat(run(
                                "",
                                Stream.concat(Stream.of(command), Stream.of("--server", server))
                                        .toArray(String[]::new)))
                        .isEqualTo(ExitCode.USAGE);
                assertThat(text(err))
                        .contains(
                                "for a service in local mode on this machine, and " + server + " is none", "java -jar");
            }
        }
        assertThat(run("", "demo", "--tenant-id", "acme")).isEqualTo(ExitCode.USAGE);
        assertThat(run("", "demo", "--server", "http://127.0.0.1:1")).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(text(err))
                .contains("no service answers at http://127.0.0.1:1/: start one in local mode with java -jar");
    }

    @Test
    void failsWhenItsOutputCannotBeWritten() throws Exception {
        Path full = Path.of("/dev/full");
        assertThat(full).exists();
        service.on("/credentials", 200, "{\"items\": []}");
        Process process = nexus.builder("list", "-o", "json")
                .redirectOutput(full.toFile())
                .redirectError(home.resolve("err").toFile())
                .start();

        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.FAILED);
        assertThat(Files.readString(home.resolve("err"))).isEqualTo("nexus: cannot write to standard output\n");
    }

    @Test
    void stopsAnExportWhenNobodyReadsOn() throws Exception {
        service.on("/audit/export", 200, "{\"id\": 1}\n", 1_000_000)
                .on("/credentials/export", 200, "{\"id\": 1}\n", 1_000_000);

        for (String[] command : List.of(
                new String[] {"audit", "export"},
                new String[] {"export", "--new-key-file", home.resolve("key").toString()})) {
            Closing narrow = new Closing();
            assertThat(run(narrow, "", command)).isEqualTo(ExitCode.FAILED);
            assertThat(narrow.refused).isBetween(1, 3);
            assertThat(text(err)).contains("cannot write to standard output").doesNotContain("Exported");
        }
    }

    @Test
    void importsTheRowsOfTheTenantThatTheEnvironmentOrTheContextNames() throws Exception {
        Path file = Files.writeString(home.resolve("rows"), """
                {"provider": "sandbox", "user": "a@example.com", "tenant": "another", "refresh_token": "x"}
                """);
        service.on("/credentials", 204, "");
        environment.put("NEXUS_TENANT", "mine");

        run("", "import", file.toString());
        assertThat(text(out)).contains("belongs to another");
        out.reset();
        environment.remove("NEXUS_TENANT");
        Path config = Files.createDirectories(home.resolve(".config/nexus")).resolve("config.yaml");
        Files.writeString(config, "current: a\ncontexts:\n  a:\n    server: " + service.url() + "\n    tenant: mine\n");
        run("", "import", file.toString());
        assertThat(text(out)).contains("belongs to another");
        assertThat(service.asked()).isEmpty();
    }

    @Test
    void leavesAnInterruptToTheCommand() throws Exception {
        Process process = running("trap 'exit 7' INT");
        try (BufferedReader lines = process.inputReader()) {
            String child = lines.readLine();
            signal("INT", String.valueOf(process.pid()), child);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(7);
        }
    }

    @Test
    void endsTheCommandWhenItIsEndedAndWaitsForIt() throws Exception {
        Process process = running("trap 'exit 8' TERM");
        try (BufferedReader lines = process.inputReader()) {
            lines.readLine();
            signal("TERM", String.valueOf(process.pid()));
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(8);
        }
    }

    /** A command that writes its process id when it is ready for signals; a background job would have to ignore interrupts. */
    private Process running(String trap) throws IOException {
        service.on("/token", 200, StubService.TOKEN);
        ProcessBuilder builder = nexus.builder(
                "exec", "sandbox", "a@example.com", "--", "sh", "-c", trap + "; echo $$; while :; do sleep 0.1; done");
        builder.command().addAll(0, List.of("env", "--default-signal=INT"));
        return builder.redirectError(home.resolve("err").toFile()).start();
    }

    private static void signal(String name, String... processes) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("kill", "-s", name));
        command.addAll(List.of(processes));
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"404, credential-not-found, false", "410, credential-revoked, false", "404, , true", "503, , true"})
    void deletesATokenFileOnlyWhenTheServiceSaysThatItIsOver(int status, String slug, boolean stays) throws Exception {
        Path file = Files.writeString(home.resolve("token"), "of the agent before");
        service.on("/token", status, slug == null ? "" : StubService.problem(slug, status));
        Process agent = nexus.start("agent", "sandbox", "a@example.com", "--file", file.toString());
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.asked().size() > 1);
            assertThat(Files.exists(file)).isEqualTo(stays);
        } finally {
            agent.destroy();
            agent.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aLinkIsNoTokenFileToDelete() throws Exception {
        Path elsewhere = Files.writeString(home.resolve("elsewhere"), "x");
        Path link = Files.createSymbolicLink(home.resolve("token"), elsewhere);
        service.on("/token", 404, StubService.problem("credential-not-found", 404));
        Process agent = nexus.start("agent", "sandbox", "a@example.com", "--file", link.toString());
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.asked().size() > 1);
            assertThat(link).isSymbolicLink();
            assertThat(elsewhere).exists();
        } finally {
            agent.destroy();
            agent.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void anAgentOutlivesALoginFileThatIsEmptyForAMoment() throws Exception {
        Path login = Files.writeString(home.resolve("login"), "");
        nexus.without("NEXUS_API_KEY").with("NEXUS_TOKEN_FILE", login.toString());
        service.on("/token", 200, StubService.TOKEN.replace("}", ", \"cache_until\": \"2020-01-01T00:00:00Z\"}"));
        String[] command = {
            "agent", "sandbox", "a@example.com", "--file", home.resolve("token").toString()
        };
        nexus.oauth(command).assertExit(ExitCode.USAGE);

        Files.writeString(login, "a-token");
        Process agent = nexus.start(command);
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !service.asked().isEmpty());
            Files.writeString(login, "");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(home.resolve("err")).contains("is empty"));
            Files.writeString(login, "a-token");
            int before = service.asked().size();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> service.asked().size() > before);
            service.on("/token", 400, StubService.problem("invalid-request", 400));
            assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(agent.exitValue()).isEqualTo(ExitCode.USAGE);
        } finally {
            agent.destroy();
            agent.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void printsNoPasswordOfADatabaseThatItCannotOpen() {
        for (String address : List.of(
                "nexus:pa/ss@127.0.0.1:1/nexus",
                "nexus:pa?ss@127.0.0.1:1/nexus",
                "nexus:pa/s?s@[/x",
                "nexus:pa/s@db")) {
            NexusProcess.Ended ended = nexus.oauth("import", "--from-nexus", "postgresql://" + address);
            assertThat(ended.assertExit(ExitCode.USAGE).err())
                    .containsAnyOf("cannot open the database", "use postgresql://")
                    .doesNotContain("pa/s", "pa?s", "WARN");
        }
        assertThat(nexus.oauth("import", "--from-nexus", "mysql://nexus:pa/ss@db/nexus")
                        .assertExit(ExitCode.USAGE)
                        .err())
                .contains("a database of Nexus is")
                .doesNotContain("pa/s");
        assertThat(nexus.oauth("import", "--from-nexus", "postgresql://nexus:pa/ss@127.0.0.1:1/nexus")
                        .err())
                .contains("127.0.0.1:1 refused");
    }

    @Test
    void logsInToAServerOfTheEnvironmentInAContextOfItsOwn() throws Exception {
        Path config = Files.createDirectories(home.resolve(".config/nexus")).resolve("config.yaml");
        Files.writeString(
                config, "current: work\ncontexts:\n  work:\n    server: https://work.example.com\n    api_key: old\n");
        service.on("/providers", 200, "{\"items\": []}");

        assertThat(run("new", "login", "-")).isZero();
        assertThat(text(out)).contains("context local");
        assertThat(Files.readString(config)).contains("https://work.example.com", "old", service.url(), "new");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080, true",
        "http://127.9.9.9, true",
        "http://localhost, true",
        "http://[::1]:1, true",
        "http://127.evil.com, false",
        "http://127.0.0.1.evil.com, false",
        "http://example.com, false"
    })
    void knowsThisMachine(URI uri, boolean loopback) {
        assertThat(ServerOptions.isLoopback(uri)).isEqualTo(loopback);
    }

    @Test
    void aTerminalGetsNothingOfTheServiceThatItActsOn() {
        environment.put("CLICOLOR_FORCE", "1");
        environment.put("NO_COLOR", "1");
        environment.put("BROWSER", "false");
        String expires = "\"expires_at\": \"2030-01-01T00:00:00Z\"";
        service.on("/providers", 200, "{\"items\": [{\"id\": \"" + ACTIVE + "é\", \"name\": \"x\", \"scopes\": []}]}")
                .on(
                        "/connect-sessions",
                        201,
                        "{\"id\": \"" + StubService.CREDENTIAL + "\", \"url\": \"" + ACTIVE
                                + "\", \"status\": \"pending\", " + expires + "}")
                .on(
                        "/api-keys",
                        201,
                        "{\"id\": \"" + ACTIVE + "\", \"roles\": [\"" + ACTIVE
                                + "\"], \"key\": \"k\", \"tenant\": \"t\", " + expires + "}")
                .on(
                        "/clients/x",
                        200,
                        "{\"provider\": \"x\", \"client_id\": \"c\", \"vars\": {}, \"redirect_uri\": \"" + ACTIVE
                                + "\", \"scopes\": []}")
                .on("/audit/verify", 200, "{\"checked\": 1, \"fault\": {\"kind\": \"" + ACTIVE + "\", \"seq\": 1}}")
                .on("/audit/export", 200, "{\"id\": \"\u009b\u202e\"}\n");
        for (String command : List.of(
                "providers -o name",
                "providers -o json",
                "providers -o yaml",
                "connect x a@example.com --no-wait",
                "connect x a@example.com --no-wait -o json",
                "connect x a@example.com --no-wait --client-id c --scopes s --client-secret-file -",
                "api-keys create n --role admin",
                "audit verify",
                "audit export")) {
            run("secret", command.split(" "));
            assertThat(text(out) + text(err))
                    .as(command)
                    .isNotBlank()
                    .doesNotContain("unexpected error", "is no ")
                    .matches(text -> text.codePoints()
                            .allMatch(c -> c == '\n'
                                    || Text.clean(Character.toString(c)).equals(Character.toString(c))));
            out.reset();
            err.reset();
        }
        run("", "providers", "-o", "json");
        assertThat(text(out)).contains("\\u202eé");
        out.reset();
        environment.remove("CLICOLOR_FORCE");
        run("", "providers", "-o", "json");
        assertThat(text(out)).contains("\u202eé");
    }

    /** The request replaces the whole client, so a new secret must not bring back a scope that the operator left out. */
    @Test
    void aRegistrationAgainKeepsTheScopesThatAreLeftOut() {
        String client = "{\"provider\": \"x\", \"client_id\": \"%s\", \"vars\": {}, \"scopes\": [],"
                + " \"omitted_scopes\": [\"offline_access\", \"profile\"]}";
        for (Map.Entry<String, String> expected : Map.of(
                        "", "\"omitted_scopes\":[\"offline_access\",\"profile\"]",
                        " --scope profile", "\"omitted_scopes\":[\"offline_access\"]",
                        " --omit-scope email", "\"omitted_scopes\":[\"email\"]",
                        " --omit-scope=", "\"omitted_scopes\":[]")
                .entrySet()) {
            service.sent().clear();
            service.on("/clients/x", 200, client.formatted("c"));
            run(
                    "s",
                    ("connect x a@example.com --no-wait --client-id c --client-secret-file -" + expected.getKey())
                            .split(" "));

            assertThat(service.sent().getFirst().replace(" ", ""))
                    .as(expected.getKey())
                    .contains(expected.getValue());
        }
        service.sent().clear();
        service.on("/clients/x", 200, client.formatted("another"));
        run("s", "connect x a@example.com --no-wait --client-id c --replace --client-secret-file -".split(" "));

        assertThat(service.sent().getFirst()).as("of another client").doesNotContain("offline_access");
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com/c, true",
        "http://127.0.0.1/c, true",
        "file:///etc/passwd, false",
        "--version, false",
        "javascript:x, false"
    })
    void opensOnlyPagesOfTheWeb(String url, boolean opens) {
        environment.put("BROWSER", "true");

        assertThat(Browser.open(shell("", new PrintStream(out)), url)).isEqualTo(opens);
    }

    @Test
    void showsNobodyHowToPutATokenIntoAnArgument() throws Exception {
        String[] help = {"token", "--help"};

        Path reference = Path.of("src/site/markdown/reference/cli.md");
        assertThat(List.of(nexus.oauth(help).assertExit(0).out(), Files.readString(reference)))
                .allMatch(text -> text.contains("curl -H @<(nexus oauth token --header"))
                .noneMatch(text -> text.contains("$(nexus oauth token"));
    }

    @Test
    void anAnswerIsStreamedOrReadWhole() {
        ApiClient api = new ApiClient(
                shell("", new PrintStream(out)),
                new ServerOptions.Settings(URI.create(service.url()), null, Login.ofSecret(KEY), null));
        service.on("/audit/export", 200, "x");
        ApiRequest request = api.request("/audit/export", Map.of());

        assertThat(api.stream(request)).hasContent("x");
        assertThat(api.ask(request).status()).isEqualTo(200);
    }

    private int run(String input, String... words) {
        return run(out, input, words);
    }

    private int run(java.io.OutputStream to, String input, String... words) {
        String[] args = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("oauth"), java.util.stream.Stream.of(words))
                .toArray(String[]::new);
        PrintStream stream = new PrintStream(to, false, StandardCharsets.UTF_8);
        int exitCode = Commands.of(shell(input, stream), args).execute(args);
        stream.flush();
        return exitCode;
    }

    private Shell shell(String input, PrintStream stream) {
        return new Shell(
                environment,
                Terminal.of(environment, new java.util.Properties()),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                stream,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC());
    }

    private static String text(ByteArrayOutputStream written) {
        return written.toString(StandardCharsets.UTF_8);
    }

    /** A pipe whose reader is gone. */
    private static final class Closing extends java.io.OutputStream {

        private int refused;

        @Override
        public void write(int b) throws IOException {
            refused++;
            throw new IOException("Broken pipe");
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            write(0);
        }
    }
}
