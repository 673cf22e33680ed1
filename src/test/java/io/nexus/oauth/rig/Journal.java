package io.nexus.oauth.rig;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    /** One event. */
    record Line(String event, Map<String, String> words) {
        long t() {
            return number("t");
        }

        long number(String name) {
            return Long.parseLong(words.get(name));
        }

        String text(String name) {
            return words.getOrDefault(name, "");
        }

        boolean is(String name, String value) {
            return value.equals(words.get(name));
        }
    }

    static List<Line> read(Path file) throws IOException {
        List<Line> lines = new ArrayList<>();
        if (Files.exists(file)) {
            for (String text : Files.readAllLines(file)) {
                String[] words = text.split(" ");
                Map<String, String> map = new LinkedHashMap<>();
                for (int i = 1; i < words.length; i++) {
                    int at = words[i].indexOf('=');
                    if (at > 0) {
                        map.put(words[i].substring(0, at), words[i].substring(at + 1));
                    }
                }
                lines.add(new Line(words[0], map));
            }
        }
        return lines;
    }
}
