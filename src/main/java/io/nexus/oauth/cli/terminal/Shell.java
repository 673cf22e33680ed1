package io.nexus.oauth.cli.terminal;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command runs: its environment, its three streams and the time.
 *
 * @param env the environment variables
 * @param terminal what the streams are connected to
 * @param in standard input
 * @param out standard output, for results only
 * @param err standard error, for everything that is said to people
 * @param clock the time
 */
public record Shell(
        Map<String, String> env, Terminal terminal, InputStream in, PrintStream out, PrintStream err, Clock clock) {

    public static final String UNWRITTEN = "standard output could not be written";

    /** An environment variable; empty when it is not set or says nothing. */
    public Optional<String> env(String name) {
        return Optional.ofNullable(env.get(name)).filter(value -> !value.isBlank());
    }

    /** The user's home. */
    public Path home() {
        return Path.of(env("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    /** Fails when what was printed cannot be written: the disk is full, or nobody reads on. */
    public void checkOut() {
        if (out.checkError()) {
            throw new CommandFailure(ExitCode.FAILED, UNWRITTEN);
        }
    }

    /** {@code document}, JSON or YAML of the service, as it may be shown: a terminal gets nothing that it acts on. */
    public String shown(String document) {
        return terminal.out() ? Text.escaped(document) : document;
    }

    public void note(String text) {
        err.println(Text.clean(text));
        err.flush();
    }

    public void warn(String text) {
        note("nexus: warning: " + text);
    }

    /**
     * A secret: from {@code file}, or from standard input when that is {@code -}. Only the line's end is taken off.
     */
    public String secretFrom(String file) {
        try {
            String text = file.equals("-")
                    ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(expanded(file));
            String secret = text.strip();
            if (secret.isEmpty()) {
                throw CommandFailure.usage((file.equals("-") ? "standard input" : file) + " is empty");
            }
            return secret;
        } catch (IOException e) {
            throw CommandFailure.usage("cannot read " + file + ": " + reason(e));
        }
    }

    /** A secret that the user types without an echo. Fails when there is no terminal to type at; {@code instead} says what to do. */
    public String secretTyped(String prompt, String instead) {
        Console console = terminal.in() ? System.console() : null;
        char[] typed = console == null ? null : console.readPassword("%s: ", prompt);
        if (typed == null || typed.length == 0) {
            throw CommandFailure.usage("there is no " + prompt + ": " + instead);
        }
        return new String(typed).strip();
    }

    /** What the user types. Fails when there is no terminal to type at. */
    public String typed(String prompt, String instead) {
        if (!terminal.in()) {
            throw CommandFailure.usage("there is no " + prompt + ": " + instead);
        }
        err.print(prompt + ": ");
        err.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (line == null || line.isBlank()) {
                throw CommandFailure.usage("there is no " + prompt + ": " + instead);
            }
            return line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code path} with a leading {@code ~} as the home. */
    public Path expanded(String path) {
        return path.startsWith("~/") ? home().resolve(path.substring(2)) : Path.of(path);
    }

    /** The folder {@code nexus} under an XDG base folder. */
    public Path folder(String variable, String otherwise) {
        return env(variable)
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> home().resolve(otherwise))
                .resolve("nexus");
    }

    public static String reason(IOException failure) {
        return failure instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : failure instanceof java.nio.file.AccessDeniedException
                        ? "permission denied"
                        : String.valueOf(failure.getMessage());
    }
}
