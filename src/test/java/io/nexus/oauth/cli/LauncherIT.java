package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.deploy.Tool;
import io.nexus.oauth.testing.LocalPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, and the commands that need no service. */
class LauncherIT {

    private static final List<String> VERBS = List.of(
            "list",
            "get",
            "token",
            "connect",
            "init",
            "refresh",
            "test",
            "revoke",
            "exec",
            "agent",
            "git-credential",
            "providers",
            "clients",
            "clients get",
            "clients set",
            "clients delete",
            "audit",
            "audit export",
            "audit verify",
            "audit lookup",
            "keys",
            "keys list",
            "keys status",
            "keys rotate",
            "api-keys",
            "api-keys list",
            "api-keys create",
            "api-keys revoke",
            "policies",
            "policies list",
            "policies set",
            "policies delete",
            "usage",
            "login",
            "context",
            "context list",
            "context use",
            "context delete",
            "import",
            "export",
            "completion");

    @TempDir
    Path home;

    @Test
    void helpIsThereForEveryCommand() {
        NexusProcess nexus = new NexusProcess(home);
        for (String verb : VERBS) {
            String[] args = Stream.concat(Stream.of(verb.split(" ")), Stream.of("--help"))
                    .toArray(String[]::new);
            assertThat(nexus.oauth(args).assertExit(0).out())
                    .as(verb)
                    .contains("Usage: nexus oauth " + verb.replace("init", "connect"), "Exit codes:");
        }
        assertThat(nexus.oauth("--help").out()).contains("list", "connect, init", "NEXUS_SERVER");
        assertThat(nexus.oauth().assertExit(2).err()).contains("Usage: nexus oauth", "list", "api-keys");
        assertThat(nexus.oauth("lisst").assertExit(2).err()).contains("list");
    }

    @Test
    void quotesNoSecretOfABrokenFile() throws Exception {
        NexusProcess nexus = new NexusProcess(home);
        Path config = Files.createDirectories(home.resolve(".config/nexus")).resolve("config.yaml");
        for (String broken : List.of(
                "contexts:\n  a:\n    server: http://127.0.0.1:1\n    api_key: SECRET\n   x: [",
                "contexts:\n  a: {server: x, api_key: \"SECRET",
                "contexts: SECRET",
                "SECRET: [1",
                "\tapi_key: SECRET")) {
            Files.writeString(config, broken);
            assertThat(nexus.oauth("list").assertExit(2).err())
                    .contains("config.yaml")
                    .doesNotContain("SECRET");
        }
    }

    @Test
    void findsItsJavaBesideAnOlderOne() throws Exception {
        Path old = Files.createDirectories(home.resolve("old/bin"));
        Files.writeString(home.resolve("old/release"), "JAVA_VERSION=\"17.0.1\"\n");
        executable(old.resolve("java"), "#!/bin/sh\necho too old\nexit 99\n");
        NexusProcess nexus = new NexusProcess(home).with("PATH", old + ":" + System.getenv("PATH"));

        assertThat(nexus.oauth("--version").assertExit(0).out()).startsWith("nexus ");
        nexus.with("JAVA_HOME", home.resolve("old").toString());
        Path mine = Files.createDirectories(home.resolve(".jdks"));
        Files.createSymbolicLink(mine.resolve("new"), Path.of(System.getProperty("java.home")));
        assertThat(nexus.oauth("--version").assertExit(0).out()).startsWith("nexus ");
    }

    @Test
    void startsThroughALinkAndWithoutACache() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("linked"), NexusProcess.LAUNCHER);
        Path file = Files.writeString(home.resolve("no-folder"), "");

        assertThat(run(Map.of("XDG_CACHE_HOME", file.toString()), link.toString(), "--version"))
                .startsWith("nexus ");
        assertThat(run(Map.of("XDG_CACHE_HOME", home.resolve("cache").toString()), link.toString(), "--version"))
                .startsWith("nexus ");
        Path cache = home.resolve("cache/nexus");
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(cached(cache))
                        .singleElement()
                        .asString()
                        .endsWith(Runtime.version().feature() < 25 ? ".jsa" : ".aot"));
    }

    /** A cache that is broken, or of other jars, slows a start down and breaks nothing. */
    @Test
    void startsWithABrokenCache() throws Exception {
        Path folder = home.resolve("cache");
        Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.toString());
        assertThat(run(environment, NexusProcess.LAUNCHER.toString(), "--version"))
                .startsWith("nexus ");
        Path cache = folder.resolve("nexus");
        await().atMost(Duration.ofMinutes(3)).until(() -> cached(cache).size() == 1 && !isLocked(cache));
        Path file = cached(cache).getFirst();
        byte[] whole = Files.readAllBytes(file);
        for (byte[] broken : List.of(
                new byte[0], "broken".getBytes(StandardCharsets.UTF_8), Arrays.copyOf(whole, whole.length / 2))) {
            Files.write(file, broken);
            assertThat(run(environment, NexusProcess.LAUNCHER.toString(), "--version"))
                    .startsWith("nexus ")
                    .hasLineCount(1);
        }
    }

    private static boolean isLocked(Path cache) throws IOException {
        return cached(cache).stream().anyMatch(file -> file.toString().endsWith(".lock"));
    }

    private static List<Path> cached(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void completesInBash() throws Exception {
        Tool.find("bash");
        assertThat(completed("bash", "nexus oauth li")).contains("list");
        assertThat(completed("bash", "nexus oauth token --min")).contains("--min-ttl");
    }

    @Test
    void completesNamesInBash() throws Exception {
        Tool.find("bash");
        try (StubService service = withAccounts()) {
            Map<String, String> environment = environment(service.url());
            assertThat(names(environment, "nexus oauth token ")).containsExactly("github", "google");
            assertThat(names(environment, "nexus oauth token google al"))
                    .containsExactly("albert@example.com", "alice@example.com");
            assertThat(names(environment, "nexus oauth token google alice@ex")).containsExactly("example.com");
            assertThat(names(environment, "nexus oauth list --provider=gi")).containsExactly("github");
            assertThat(names(environment, "nexus oauth list --tenant ")).containsExactly("acme", "globex", "initech");
            assertThat(names(environment, "nexus oauth context use p")).containsExactly("prod");
            assertThat(names(environment, "nexus oauth keys r")).containsExactly("rotate");
            assertThat(service.asked()).anyMatch(asked -> asked.startsWith("/api/v1/credentials?provider=google&"));
        }
    }

    /** A name that the shell would read as more than a word is not inserted into the line. */
    @Test
    void completesNoNameThatAShellWouldExecute() throws Exception {
        Tool.find("bash");
        try (StubService service = withAccounts()) {
            service.on(
                    "/credentials", 200, items("user", "x;touch here", "$(id)", "`id`", "a b", "-n", "'", "~", "good"));
            assertThat(names(environment(service.url()), "nexus oauth token google "))
                    .containsExactly("good");
        }
    }

    @Test
    void completesNothingWhenTheServiceDoesNotAnswer() throws Exception {
        Tool.find("bash");
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                StubService refusing = new StubService().on("/providers", 403, StubService.problem("forbidden", 403))) {
            String nowhere = "http://127.0.0.1:" + LocalPorts.free();
            for (String url : List.of("http://127.0.0.1:" + silent.getLocalPort(), refusing.url(), nowhere)) {
                assertThat(names(environment(url), "nexus oauth token ")).isEmpty();
            }
        }
    }

    /** The key that completes is pressed in a terminal. */
    @Test
    void completesNamesInZsh() throws Exception {
        Tool.find("zsh");
        String script = """
                zmodload zsh/zpty
                zpty -b shell 'zsh -f -i'
                answer() { local all= part=; repeat 600; do zpty -r shell part && all+=$part; part=; [[ $all == *${~1}* ]] && break; sleep 0.1; done
                  print -r -- $all; }
                zpty -w shell 'PS1=; autoload -U compinit; compinit -u; source <(nexus oauth completion zsh); echo REA""DY'
                answer READY
                for line in $LINES_TO_COMPLETE; do
                  zpty -w -n shell $line$'\t'
                  answer $line'[a-z]* '
                  zpty -w -n shell $'\\C-u'
                done
                """;
        try (StubService service = withAccounts()) {
            Map<String, String> environment = new HashMap<>(environment(service.url()));
            environment.put("TERM", "dumb");
            String out = run(
                    environment,
                    "/usr/bin/zsh",
                    "-fc",
                    script.replace(
                            "$LINES_TO_COMPLETE",
                            "'nexus oauth list --provider goo' 'nexus oauth token google ali' 'nexus oauth context use pr' 'nexus oauth li'"));
            assertThat(out)
                    .contains(
                            "oauth list --provider google",
                            "oauth token google alice@example.com",
                            "context use prod",
                            "oauth list");
        }
    }

    @Test
    void completesInFish() throws Exception {
        Tool.find("fish");
        String script = NexusProcess.LAUNCHER + " oauth completion fish | source; complete -C 'nexus oauth li'; "
                + "complete -C 'nexus oauth token --min'; complete -C 'nexus '; complete -C 'nexus oauth keys '";
        assertThat(run(Map.of(), "/usr/bin/fish", "--no-config", "-c", script)
                        .lines()
                        .map(line -> line.split("\t")[0]))
                .contains("list", "--min-ttl", "oauth", "rotate");
        try (StubService service = withAccounts()) {
            String names = "nexus oauth completion fish | source; complete -C 'nexus oauth token google al'; "
                    + "complete -C 'nexus oauth list --provider g'; complete -C 'nexus oauth list --tenant glo'; "
                    + "complete -C 'nexus oauth context use p'";
            assertThat(run(environment(service.url()), "/usr/bin/fish", "--no-config", "-c", names)
                            .lines()
                            .map(line -> line.split("\t")[0]))
                    .containsExactly("albert@example.com", "alice@example.com", "github", "google", "globex", "prod");
        }
    }

    private static StubService withAccounts() throws IOException {
        return new StubService()
                .on("/providers", 200, items("id", "google", "github"))
                .on("/credentials", 200, items("user", "alice@example.com", "albert@example.com"))
                .on("/tenants", 200, items("tenant", "globex"));
    }

    private static String items(String field, String... values) {
        return Stream.of(values)
                .map(value -> "{\"" + field + "\": \"" + value + "\"}")
                .collect(Collectors.joining(",", "{\"items\": [", "], \"next\": null}"));
    }

    /** With two contexts, {@code nexus} in the path, and the service at {@code url}. */
    private Map<String, String> environment(String url) throws IOException {
        Path config = Files.createDirectories(home.resolve(".config/nexus")).resolve("config.yaml");
        Files.writeString(
                config,
                "contexts:\n  local: {server: 'http://127.0.0.1:1', tenant: acme}\n  prod: {server: 'http://127.0.0.1:1', tenant: initech}");
        Path link = Files.createDirectories(home.resolve("bin")).resolve("nexus");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, NexusProcess.LAUNCHER);
        }
        return Map.of(
                "PATH",
                link.getParent() + ":" + System.getenv("PATH"),
                "NEXUS_SERVER",
                url,
                "NEXUS_API_KEY",
                "k",
                "JAVA_HOME",
                System.getProperty("java.home"));
    }

    /** What bash offers for {@code line}. Everything else that is written, an error too, fails the test. */
    private List<String> names(Map<String, String> environment, String line) throws Exception {
        String script = "source <(nexus oauth completion bash); COMP_LINE='" + line + "'; COMP_POINT=${#COMP_LINE};"
                + " compopt() { :; }; parts=\"${COMP_LINE//@/ @ }\"; read -ra COMP_WORDS <<<\"${parts//=/ = }\";"
                + " [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                + " _nexus_complete nexus \"${COMP_WORDS[COMP_CWORD]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return run(environment, "/bin/bash", "--norc", "-c", script)
                .lines()
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private String completed(String shell, String line) throws Exception {
        String script = "source <(" + NexusProcess.LAUNCHER + " oauth completion " + shell + "); COMP_LINE='" + line
                + "'; read -ra COMP_WORDS <<<\"$COMP_LINE\"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_POINT=${#COMP_LINE};"
                + " _complete_nexus; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return run(Map.of(), "/bin/bash", "--norc", "-c", script);
    }

    private String run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("LANG", "C.UTF-8");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
