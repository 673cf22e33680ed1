package io.nexus.oauth.testing;

import java.util.List;
import java.util.Locale;

/**
 * Compares two sets of times by Welch's t-test.
 *
 * @param first mean of the first set
 * @param second mean of the second
 * @param t how far the means are apart, in standard errors
 */
public record Welch(double first, double second, double t) {

    /** Of the faster {@code share} of each set: the slowest are the machine's. */
    public static Welch of(List<Long> first, List<Long> second, double share) {
        double[] a = sorted(first, share);
        double[] b = sorted(second, share);
        double error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
        return new Welch(mean(a), mean(b), (mean(a) - mean(b)) / error);
    }

    /** Of the means. */
    public double ratio() {
        return first / second;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "means %.1f and %.1f us, ratio %.3f, t = %.2f", first / 1e3, second / 1e3, ratio(), t);
    }

    private static double[] sorted(List<Long> times, double share) {
        return times.stream()
                .sorted()
                .limit((long) (times.size() * share))
                .mapToDouble(Long::doubleValue)
                .toArray();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - mean) * (value - mean);
        }
        return sum / (values.length - 1);
    }
}
