package io.nexus.oauth.web;

import io.nexus.oauth.api.OverviewView;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The refreshes of a day as bars, in units of the drawing.
 *
 * @param bars one for each hour
 * @param most refreshes of the fullest hour
 * @param refreshed all of them
 * @param ended grants that turned out to be over
 */
public record RefreshChart(List<Bar> bars, long most, long refreshed, long ended) {

    /** The height of the highest bar. */
    private static final int HEIGHT = 100;

    /** From one bar to the next, and how much of that is bar. */
    private static final int STEP = 20;

    private static final int LABEL_EVERY = 6;

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    /**
     * One hour.
     *
     * @param x where it begins
     * @param y where the bar begins, from the top
     * @param height of the bar
     * @param endedHeight of the part that tells of ended grants, from the bottom
     * @param hour the time in UTC
     * @param isLabelled whether the axis names it
     * @param refreshed tokens
     * @param ended grants
     */
    public record Bar(
            int x, int y, int height, int endedHeight, String hour, boolean isLabelled, long refreshed, long ended) {

        /** Where its name stands. */
        public int middle() {
            return x + STEP / 2 - 2;
        }

        /** Where the lower part begins. */
        public int endedY() {
            return HEIGHT - endedHeight;
        }
    }

    /** Of {@code hours}, the oldest first. */
    static RefreshChart of(List<OverviewView.Hour> hours) {
        long most = Math.max(
                1,
                hours.stream()
                        .mapToLong(hour -> hour.refreshed() + hour.reauthRequired())
                        .max()
                        .orElse(1));
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < hours.size(); i++) {
            OverviewView.Hour hour = hours.get(i);
            int height = height(hour.refreshed() + hour.reauthRequired(), most);
            bars.add(new Bar(
                    i * STEP,
                    HEIGHT - height,
                    height,
                    height(hour.reauthRequired(), most),
                    HOUR.format(hour.start()),
                    i % LABEL_EVERY == LABEL_EVERY - 1,
                    hour.refreshed(),
                    hour.reauthRequired()));
        }
        return new RefreshChart(
                bars,
                most,
                hours.stream().mapToLong(OverviewView.Hour::refreshed).sum(),
                hours.stream().mapToLong(OverviewView.Hour::reauthRequired).sum());
    }

    /** What is there is seen, however little it is. */
    private static int height(long count, long most) {
        return count == 0 ? 0 : Math.max(2, (int) (count * HEIGHT / most));
    }
}
