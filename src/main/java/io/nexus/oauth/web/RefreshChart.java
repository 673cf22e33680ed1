package io.nexus.oauth.web;

import io.nexus.oauth.api.OverviewView;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A bar chart of the refreshes of one day, in units of the drawing.
 *
 * @param bars one bar for each hour
 * @param most the highest count of an hour
 * @param refreshed the number of refreshed tokens
 * @param ended the number of grants found expired or revoked
 */
public record RefreshChart(List<Bar> bars, long most, long refreshed, long ended) {

    /** The height of the highest bar. */
    private static final int HEIGHT = 100;

    /** The distance from one bar to the next. */
    private static final int STEP = 20;

    private static final int LABEL_EVERY = 6;

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    /**
     * The bar of one hour.
     *
     * @param x the left edge
     * @param y the upper edge, from the top
     * @param height the height of the bar
     * @param endedHeight the height of the lower part, which shows ended grants
     * @param hour the hour in UTC
     * @param isLabelled whether the axis shows the hour
     * @param refreshed the number of refreshed tokens
     * @param ended the number of ended grants
     */
    public record Bar(
            int x, int y, int height, int endedHeight, String hour, boolean isLabelled, long refreshed, long ended) {

        /** The position of the label. */
        public int middle() {
            return x + STEP / 2 - 2;
        }

        /** The upper edge of the lower part. */
        public int endedY() {
            return HEIGHT - endedHeight;
        }
    }

    /** The chart of {@code hours}, oldest first. */
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

    /** The height of a bar. A small count still gets a visible bar. */
    private static int height(long count, long most) {
        return count == 0 ? 0 : Math.max(2, (int) (count * HEIGHT / most));
    }
}
