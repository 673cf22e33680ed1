package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import io.nexus.oauth.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;

/** The packaged command line, run as a process of its own with an environment of its own. */
final class NexusProcess {

    static final Path LAUNCHER = Path.of("target", "nexus-cli", "bin", "nexus").toAbsolutePath();

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();
    private boolean inThisJvm;

    /** With {@code home} as the user's home; the cache of classes is shared, so that it is made once. */
    NexusProcess(Path home) {
        this.home = home;
        environment.put("PATH", System.getenv("PATH"));
        environment.put("HOME", home.toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("LANG", "C.UTF-8");
        environment.put("XDG_CACHE_HOME", TestFiles.path("nexus-cache").toString());
    }

    /** Beside the service of this test, with {@code key}. */
    static NexusProcess of(Path home, String key) {
        return new NexusProcess(home).with("NEXUS_SERVER", server()).with("NEXUS_API_KEY", key);
    }

    /** Where the service of this test is. */
    static String server() {
        return "http://127.0.0.1:" + ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    }

    NexusProcess with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    NexusProcess without(String name) {
        environment.remove(name);
        return this;
    }

    /** Runs what ends by itself in this JVM from now on: where it is about what is printed, and many are run. */
    NexusProcess inThisJvm() {
        inThisJvm = true;
        return this;
    }

    Path home() {
        return home;
    }

    /**
     * How it ended.
     *
     * @param exitCode its exit code
     * @param out what it wrote to standard output
     * @param err what it wrote to standard error
     */
    record Ended(int exitCode, String out, String err) {

        Ended assertExit(int expected) {
            assertThat(exitCode).as("%s%n%s", out, err).isEqualTo(expected);
            return this;
        }

        List<String> lines() {
            return out.lines().toList();
        }
    }

    /** Runs {@code nexus oauth args} to its end. */
    Ended oauth(String... args) {
        return oauthWith("", args);
    }

    /** As {@link #oauth} with {@code input} on standard input. */
    Ended oauthWith(String input, String... args) {
        if (inThisJvm) {
            return ranInThisJvm(input, args);
        }
        try {
            Path out = Files.createTempFile(home, "out", null);
            Path err = Files.createTempFile(home, "err", null);
            Path in = Files.createTempFile(home, "in", null);
            Files.writeString(in, input);
            Process process = builder(args)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("it did not end: " + Files.readString(err));
            }
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Ended ranInThisJvm(String input, String... args) {
        String[] command = Stream.concat(Stream.of("oauth"), Stream.of(args)).toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, false, StandardCharsets.UTF_8);
        Shell shell = new Shell(
                environment,
                Terminal.of(environment, new Properties()),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                printed,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Clock.systemUTC());
        int exitCode = Commands.of(shell, command).execute(command);
        printed.flush();
        return new Ended(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Starts {@code nexus oauth args}; its standard output can be read, its standard error is {@code err} in the home. */
    Process start(String... args) throws IOException {
        return builder(args).redirectError(home.resolve("err").toFile()).start();
    }

    /** What a person at a terminal of {@code columns} columns sees; both streams of it. */
    Ended onTerminal(int columns, String... args) {
        try {
            String command = Stream.concat(Stream.of(LAUNCHER.toString(), "oauth"), Stream.of(args))
                    .map(word -> "'" + word + "'")
                    .collect(Collectors.joining(" "));
            ProcessBuilder builder = new ProcessBuilder(
                            "script", "-qec", "stty cols " + columns + " rows 24; " + command, "/dev/null")
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.environment().put("TERM", "xterm");
            Process process = builder.start();
            String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), seen.replace("\r\n", "\n"), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@code nexus oauth args}, not yet started. */
    ProcessBuilder builder(String... args) {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "oauth"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }
}
