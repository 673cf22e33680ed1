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
 * The environment of a command: variables, standard streams and clock.
 *
 * @param env the environment variables
 * @param terminal what the streams are connected to
 * @param in standard input
 * @param out standard output, for results only
 * @param err standard error, for messages to people
 * @param clock the clock
 */
public record Shell(
        Map<String, String> env, Terminal terminal, InputStream in, PrintStream out, PrintStream err, Clock clock) {

    public static final String OUTPUT_FAILED = "cannot write to standard output";

    /** An environment variable; empty when it is not set or blank. */
    public Optional<String> env(String name) {
        return Optional.ofNullable(env.get(name)).filter(value -> !value.isBlank());
    }

    /** The user's home folder. */
    public Path home() {
        return Path.of(env("HOME").orElseGet(() -> System.getProperty("user.home")));
    }

    /** Fails when standard output cannot be written, because the disk is full or the reader has gone. */
    public void checkOut() {
        if (out.checkError()) {
            throw new CommandFailure(ExitCode.FAILED, OUTPUT_FAILED);
        }
    }

    /** {@code document}, JSON or YAML of the service, safe to show: on a terminal, control characters are escaped. */
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

    /** Reads a secret from {@code file}, or from standard input for {@code -}. Fails when it cannot be read or is empty. */
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

    /** Prompts for a secret without echo. Without a terminal it fails; the message names the alternatives {@code instead}. */
    public String secretTyped(String prompt, String instead) {
        Console console = terminal.in() ? System.console() : null;
        char[] typed = console == null ? null : console.readPassword("%s: ", prompt);
        if (typed == null || typed.length == 0) {
            throw CommandFailure.usage(prompt + " is missing: " + instead);
        }
        return new String(typed).strip();
    }

    /** Prompts for a line of text. Without a terminal it fails; the message names the alternatives {@code instead}. */
    public String typed(String prompt, String instead) {
        if (!terminal.in()) {
            throw CommandFailure.usage(prompt + " is missing: " + instead);
        }
        err.print(prompt + ": ");
        err.flush();
        try {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            if (line == null || line.isBlank()) {
                throw CommandFailure.usage(prompt + " is missing: " + instead);
            }
            return line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code path}, with a leading {@code ~} replaced by the home folder. */
    public Path expanded(String path) {
        return path.startsWith("~/") ? home().resolve(path.substring(2)) : Path.of(path);
    }

    /** The folder {@code nexus} in the XDG base folder of {@code variable}, by default in {@code otherwise} of the home. */
    public Path folder(String variable, String otherwise) {
        return env(variable)
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> home().resolve(otherwise))
                .resolve("nexus");
    }

    public static String reason(IOException failure) {
        return failure instanceof java.nio.file.NoSuchFileException
                ? "file not found"
                : failure instanceof java.nio.file.AccessDeniedException
                        ? "permission denied"
                        : String.valueOf(failure.getMessage());
    }
}
