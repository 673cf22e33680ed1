package io.nexus.oauth.rig;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An append-only log of one event a line: its name, then {@code key=value} words; {@code t} is the wall clock in microseconds. */
final class Journal implements AutoCloseable {

    private final BufferedWriter writer;
    private boolean closed;

    Journal(Path file) {
        try {
            writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes one event; {@code words} are names and values in turns. */
    synchronized void add(String event, Object... words) {
        StringBuilder line = new StringBuilder(event).append(" t=").append(micros());
        for (int i = 0; i < words.length; i += 2) {
            line.append(' ')
                    .append(words[i])
                    .append('=')
                    .append(String.valueOf(words[i + 1]).replace(' ', '_'));
        }
        if (closed) {
            return; // somebody was late; the judge has read what there was
        }
        try {
            writer.append(line).append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        writer.close();
    }

    /**
     * One event.
     *
     * @param words the rest of the line, taken apart when it is asked for: a run has some hundred thousand lines, and they are kept
     */
    record Line(String event, String words) {
        long t() {
            return number("t");
        }

        long number(String name) {
            return Long.parseLong(text(name));
        }

        /** An empty one when there is no such word. */
        String text(String name) {
            String key = " " + name + "=";
            int at = words.indexOf(key);
            if (at < 0) {
                return "";
            }
            int from = at + key.length();
            int to = words.indexOf(' ', from);
            return words.substring(from, to < 0 ? words.length() : to);
        }

        boolean is(String name, String value) {
            return value.equals(text(name));
        }
    }

    static List<Line> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(Journal::line).collect(Collectors.toList());
        }
    }

    private static Line line(String text) {
        int space = text.indexOf(' ');
        return space < 0
                ? new Line(text, "")
                : new Line(text.substring(0, space).intern(), text.substring(space));
    }
}
