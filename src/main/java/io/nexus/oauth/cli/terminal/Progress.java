package io.nexus.oauth.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows on standard error how far long work is: a line that is drawn anew on a terminal, else a line now and then. */
public final class Progress implements AutoCloseable {

    private static final String AWAY = "\r\u001b[K";
    private static final Duration ON_TERMINAL = Duration.ofMillis(200);
    private static final Duration ELSEWHERE = Duration.ofSeconds(10);

    /** Before that, the speed of the first steps would promise anything. */
    private static final Duration TO_JUDGE = Duration.ofSeconds(3);

    private static final int BAR = 24;

    private final Shell shell;
    private final String noun;
    private @Nullable Instant began;
    private long doneBefore;
    private Instant next = Instant.MIN;
    private boolean drawn;

    public Progress(Shell shell, String noun) {
        this.shell = shell;
        this.noun = noun;
    }

    /** {@code done} of {@code total}; a total of 0 is not known. Drawn only as often as somebody can read it. */
    public void at(long done, long total) {
        Instant now = shell.clock().instant();
        if (now.isBefore(next)) {
            return;
        }
        boolean terminal = shell.terminal().err();
        next = now.plus(terminal ? ON_TERMINAL : ELSEWHERE);
        Instant start = began;
        if (start == null) {
            start = now;
            began = now;
            doneBefore = done;
        }
        String text = text(done, total) + speed(Duration.between(start, now), done - doneBefore, total - done);
        if (terminal) {
            shell.err().print(AWAY + fitting(text));
            shell.err().flush();
            drawn = true;
        } else if (!start.equals(now)) {
            shell.note(text);
        }
    }

    /** Takes the line away, so that something else can be printed in its place; it comes back with the next step. */
    public void clear() {
        if (drawn) {
            shell.err().print(AWAY);
            shell.err().flush();
            drawn = false;
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
        int full = (int) (share * BAR / 100);
        String bar = shell.terminal().err() ? "[" + "#".repeat(full) + " ".repeat(BAR - full) + "] " : "";
        return bar + done + " of " + total + " " + noun + ", " + share + " %";
    }

    /** How many a second, and how long the rest takes at that. */
    private static String speed(Duration time, long done, long left) {
        if (time.compareTo(TO_JUDGE) < 0 || done <= 0) {
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

    /** A line that is longer than the terminal is wide could not be taken away. */
    private String fitting(String text) {
        int columns = shell.terminal().columns();
        return columns > 1 && text.length() >= columns ? text.substring(0, columns - 1) : text;
    }
}
