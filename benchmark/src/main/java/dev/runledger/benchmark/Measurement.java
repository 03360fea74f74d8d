package dev.runledger.benchmark;

import dev.runledger.benchmark.load.Sample;
import java.util.Comparator;
import java.util.List;

/**
 * What was measured of one contender.
 *
 * @param name the contender, for people
 * @param unit of each value
 * @param values one a round, in the order measured
 */
record Measurement(String name, String unit, List<Sample> values) {

    /** The middle value, with its latencies. */
    Sample median() {
        var sorted = values.stream()
                .sorted(Comparator.comparingDouble(Sample::figure))
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    double lowest() {
        return values.stream().mapToDouble(Sample::figure).min().orElseThrow();
    }

    double highest() {
        return values.stream().mapToDouble(Sample::figure).max().orElseThrow();
    }

    /** How many times the other one's median this one's is. */
    double ratioTo(Measurement other) {
        return median().figure() / other.median().figure();
    }
}
