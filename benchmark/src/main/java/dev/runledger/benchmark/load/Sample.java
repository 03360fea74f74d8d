package dev.runledger.benchmark.load;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One measured value, mostly how much was done in a second, and how long one call took. Latencies are NaN where nobody
 * measured any.
 *
 * @param p50Millis half of the calls took at most so long
 * @param p99Millis 99 in 100 did
 */
public record Sample(double figure, double p50Millis, double p99Millis) {

    /** A value without latencies. */
    public static Sample of(double figure) {
        return new Sample(figure, Double.NaN, Double.NaN);
    }

    /** How much was done in a second. */
    public static Sample rate(long count, long nanos) {
        return of(count * 1e9 / nanos);
    }

    /** @param micros latencies in microseconds, one a call */
    public static Sample rate(Histogram micros, long nanos) {
        return new Sample(
                micros.getTotalCount() * 1e9 / nanos,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3);
    }

    /** As one line, for {@link #parse}. */
    String text() {
        return String.format(Locale.ROOT, "%f %f %f", figure, p50Millis, p99Millis);
    }

    /** The inverse of {@link #text}. */
    public static Sample parse(String text) {
        var parts = text.split(" ");
        return new Sample(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
    }
}
