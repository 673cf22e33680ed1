package io.nexus.oauth.cli;

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
record Shell(
        Map<String, String> env, Terminal terminal, InputStream in, PrintStream out, PrintStream err, Clock clock) {

    static final String UNWRITTEN = "standard output could not be written";

    /** An environment variable; empty when it is not set or says nothing. */
    Optional<String> env(String name) {
        return Optional.ofNullable(env.get(name)).filter(value -> !value.isBlank());
    }

    /** The user's home. */
    Path home() {
        return Path.of(env("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    /** Fails when what was printed cannot be written: the disk is full, or nobody reads on. */
    void checkOut() {
        if (out.checkError()) {
            throw new Failure(Exit.FAILED, UNWRITTEN);
        }
    }

    /** {@code document}, JSON or YAML of the service, as it may be shown: a terminal gets nothing that it acts on. */
    String shown(String document) {
        return terminal.out() ? Text.escaped(document) : document;
    }

    void note(String text) {
        err.println(Text.clean(text));
        err.flush();
    }

    void warn(String text) {
        note("nexus: warning: " + text);
    }

    /**
     * A secret: from {@code file}, or from standard input when that is {@code -}. Only the line's end is taken off.
     */
    String secretFrom(String file) {
        try {
            String text = file.equals("-")
                    ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(expanded(file));
            String secret = text.strip();
            if (secret.isEmpty()) {
                throw Failure.usage((file.equals("-") ? "standard input" : file) + " is empty");
            }
            return secret;
        } catch (IOException e) {
            throw Failure.usage("cannot read " + file + ": " + reason(e));
        }
    }

    /** A secret that the user types without an echo. Fails when there is no terminal to type at; {@code instead} says what to do. */
    String secretTyped(String prompt, String instead) {
        Console console = terminal.in() ? System.console() : null;
        char[] typed = console == null ? null : console.readPassword("%s: ", prompt);
        if (typed == null || typed.length == 0) {
            throw Failure.usage("there is no " + prompt + ": " + instead);
        }
        return new String(typed).strip();
    }

    /** What the user types. Fails when there is no terminal to type at. */
    String typed(String prompt, String instead) {
        if (!terminal.in()) {
            throw Failure.usage("there is no " + prompt + ": " + instead);
        }
        err.print(prompt + ": ");
        err.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (line == null || line.isBlank()) {
                throw Failure.usage("there is no " + prompt + ": " + instead);
            }
            return line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code path} with a leading {@code ~} as the home. */
    Path expanded(String path) {
        return path.startsWith("~/") ? home().resolve(path.substring(2)) : Path.of(path);
    }

    /** The folder {@code nexus} under an XDG base folder. */
    Path folder(String variable, String otherwise) {
        return env(variable)
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> home().resolve(otherwise))
                .resolve("nexus");
    }

    static String reason(IOException failure) {
        return failure instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : failure instanceof java.nio.file.AccessDeniedException
                        ? "permission denied"
                        : String.valueOf(failure.getMessage());
    }
}
