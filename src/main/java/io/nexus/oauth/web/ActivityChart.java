package io.nexus.oauth.web;

import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.api.UsageView;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Bar charts of what happened over time. The bars are a drawing that the page stretches to its width; the texts of the axes are
 * beside the drawing, so that they stay readable on a phone.
 */
final class ActivityChart {

    /** The height of the drawing, and of the highest bar that it has room for. */
    private static final int HEIGHT = 100;

    /** The distance from one bar to the next. */
    private static final int STEP = 10;

    private static final int LINES = 4;
    private static final int HOURS_PER_LABEL = 3;
    private static final int DAYS_PER_LABEL = 5;
    private static final int DAYS = 30;

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH);

    private ActivityChart() {}

    /** The charts of {@code hours}, oldest first. */
    static List<Panel> of(List<OverviewView.Hour> hours) {
        List<Point> issued = new ArrayList<>();
        List<Point> refreshed = new ArrayList<>();
        for (OverviewView.Hour hour : hours) {
            String label = HOUR.format(hour.start());
            issued.add(new Point(label, hour.handedOut(), 0));
            refreshed.add(new Point(label, hour.refreshed(), hour.reauthRequired()));
        }
        return List.of(
                panel("issued", List.of("Tokens issued"), issued, HOURS_PER_LABEL),
                panel("refreshes", List.of("Tokens refreshed", "Grants ended"), refreshed, HOURS_PER_LABEL));
    }

    /** The chart of the {@value #DAYS} days until {@code today}. Days that are missing in {@code usage} are zero. */
    static Panel of(List<UsageView> usage, LocalDate today) {
        Map<LocalDate, Long> counts = usage.stream().collect(Collectors.toMap(UsageView::day, UsageView::handouts));
        List<Point> days = IntStream.rangeClosed(1 - DAYS, 0)
                .mapToObj(today::plusDays)
                .map(day -> new Point(DAY.format(day), counts.getOrDefault(day, 0L), 0))
                .toList();
        return panel("usage", List.of("Tokens issued"), days, DAYS_PER_LABEL);
    }

    private static Panel panel(String id, List<String> names, List<Point> points, int perLabel) {
        long step = step(points.stream().mapToLong(Point::total).max().orElse(0));
        List<Bar> bars = IntStream.range(0, points.size())
                .mapToObj(i -> bar(i * STEP, names, points.get(i), step * LINES))
                .toList();
        return new Panel(
                id,
                names,
                List.of(
                        points.stream().mapToLong(Point::first).sum(),
                        points.stream().mapToLong(Point::second).sum()),
                bars,
                IntStream.rangeClosed(0, LINES)
                        .mapToObj(line -> new Tick(line * HEIGHT / LINES, shortened((LINES - line) * step)))
                        .toList(),
                IntStream.range(0, points.size())
                        .filter(i -> i % perLabel == 0)
                        .mapToObj(i -> points.get(i).label())
                        .toList(),
                points);
    }

    private static Bar bar(int x, List<String> names, Point point, long most) {
        int second = height(point.second(), most);
        int both = Math.max(height(point.total(), most), second);
        String words = point.label() + ": " + point.first() + " "
                + names.getFirst().toLowerCase(Locale.ROOT)
                + (names.size() > 1 ? ", " + point.second() + " " + names.get(1).toLowerCase(Locale.ROOT) : "");
        return new Bar(x, HEIGHT - both, both - second, second, words);
    }

    /** The height of a bar. A small count still gets a visible bar. */
    private static int height(long count, long most) {
        return count == 0 ? 0 : Math.max(2, (int) (count * HEIGHT / most));
    }

    /** The distance of two lines of the grid: 1, 2 or 5 times a power of ten. */
    private static long step(long most) {
        long power = 1;
        while (true) {
            for (int factor : new int[] {1, 2, 5}) {
                if (factor * power * LINES >= most) {
                    return factor * power;
                }
            }
            power *= 10;
        }
    }

    private static String shortened(long count) {
        if (count >= 10_000_000) {
            return count / 1_000_000 + "M";
        }
        return count >= 10_000 ? count / 1000 + "k" : String.valueOf(count);
    }

    /**
     * The counts of one hour or day.
     *
     * @param label the hour or day
     * @param first the count of the first series
     * @param second the count of the second series
     */
    public record Point(String label, long first, long second) {

        long total() {
            return first + second;
        }
    }

    /**
     * A bar.
     *
     * @param x the left edge
     * @param y the upper edge, from the top
     * @param height the height of the upper part, which shows the first series
     * @param secondHeight the height of the lower part, which shows the second series
     * @param words the counts in words
     */
    public record Bar(int x, int y, int height, int secondHeight, String words) {

        /** The upper edge of the lower part. */
        public int secondY() {
            return y + height;
        }
    }

    /**
     * A line of the grid.
     *
     * @param y its place
     * @param text its count
     */
    public record Tick(int y, String text) {}

    /**
     * A chart.
     *
     * @param id the name of the chart in the page
     * @param names the names of its series, one or two
     * @param sums the sum of each series
     * @param bars its bars
     * @param ticks the lines of the grid, from the top
     * @param labels the texts of the horizontal axis
     * @param points the counts
     */
    public record Panel(
            String id,
            List<String> names,
            List<Long> sums,
            List<Bar> bars,
            List<Tick> ticks,
            List<String> labels,
            List<Point> points) {

        /** The width of the drawing. */
        public int width() {
            return bars.size() * STEP;
        }
    }
}
