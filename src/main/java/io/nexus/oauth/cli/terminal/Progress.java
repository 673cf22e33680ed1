package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows the progress of long work on standard error: one updated line on a terminal, elsewhere a line every ten seconds. */
public final class Progress implements AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(200);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    /** Earlier, the measured speed is not meaningful. */
    private static final Duration MIN_TIME_FOR_SPEED = Duration.ofSeconds(3);

    private static final int BAR_WIDTH = 24;

    private final Shell shell;
    private final String noun;
    private @Nullable Instant startedAt;
    private long doneBefore;
    private Instant next = Instant.MIN;
    private boolean visible;

    public Progress(Shell shell, String noun) {
        this.shell = shell;
        this.noun = noun;
    }

    /** Reports {@code done} of {@code total} steps; 0 is an unknown total. Prints at most once in each interval. */
    public void at(long done, long total) {
        Instant now = shell.clock().instant();
        if (now.isBefore(next)) {
            return;
        }
        boolean terminal = shell.terminal().err();
        next = now.plus(terminal ? TERMINAL_INTERVAL : LOG_INTERVAL);
        Instant start = startedAt;
        if (start == null) {
            start = now;
            startedAt = now;
            doneBefore = done;
        }
        String text = text(done, total) + speed(Duration.between(start, now), done - doneBefore, total - done);
        if (terminal) {
            shell.err().print(CLEAR_LINE + fitting(text));
            shell.err().flush();
            visible = true;
        } else if (!start.equals(now)) {
            shell.note(text);
        }
    }

    /** Clears the line, so that other output can take its place. The next step shows it again. */
    public void clear() {
        if (visible) {
            shell.err().print(CLEAR_LINE);
            shell.err().flush();
            visible = false;
        }
    }

    @Override
    public void close() {
        clear();
    }

    private String text(long done, long total) {
        if (total <= 0) {
            return done + " " + noun;
        }
        long share = Math.min(100, done * 100 / total);
        int full = (int) (share * BAR_WIDTH / 100);
        String bar = shell.terminal().err() ? "[" + "#".repeat(full) + " ".repeat(BAR_WIDTH - full) + "] " : "";
        return bar + done + " of " + total + " " + noun + ", " + share + " %";
    }

    /** The steps per second, and the estimated remaining time. */
    private static String speed(Duration time, long done, long left) {
        if (time.compareTo(MIN_TIME_FOR_SPEED) < 0 || done <= 0) {
            return "";
        }
        double perSecond = done * 1000.0 / time.toMillis();
        String speed = String.format(Locale.ROOT, perSecond < 10 ? ", %.1f/s" : ", %.0f/s", perSecond);
        long seconds = (long) Math.ceil(left / perSecond);
        if (left <= 0) {
            return speed;
        }
        return speed + (seconds < 60 ? ", " + seconds + " s left" : ", " + Math.ceilDiv(seconds, 60) + " min left");
    }

    /** Cuts the line to the width of the terminal: a wrapped line could not be cleared. */
    private String fitting(String text) {
        int columns = shell.terminal().columns();
        return columns > 1 && text.length() >= columns ? text.substring(0, columns - 1) : text;
    }
}
