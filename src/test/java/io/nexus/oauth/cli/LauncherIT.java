package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.deploy.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        try (Stream<Path> cached = Files.list(home.resolve("cache/nexus"))) {
            assertThat(cached).hasSize(1);
        }
    }

    @Test
    void completesInBash() throws Exception {
        Tool.find("bash");
        assertThat(completed("bash", "nexus oauth li")).contains("list");
        assertThat(completed("bash", "nexus oauth token --min")).contains("--min-ttl");
    }

    @Test
    void completesInZsh() throws Exception {
        Tool.find("zsh");
        String script = "autoload -U +X compinit && compinit -u; source <(" + NexusProcess.LAUNCHER
                + " oauth completion zsh); whence -w _complete_nexus; print ${_comps[nexus]}";
        assertThat(run(Map.of(), "/usr/bin/zsh", "-fc", script))
                .contains("_complete_nexus: function", "_bash_complete");
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
