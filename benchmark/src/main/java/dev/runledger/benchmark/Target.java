package dev.runledger.benchmark;

import java.util.Locale;

/**
 * A figure that is asked for.
 *
 * @param what is compared, for people, such as {@code x Axon}
 * @param got the figure of this run
 * @param bound what is asked for
 * @param atMost whether the figure may not be above the bound; else it may not be below
 */
record Target(String what, double got, double bound, boolean atMost) {

    static Target atLeast(String what, double got, double bound) {
        return new Target(what, got, bound, false);
    }

    static Target atMost(String what, double got, double bound) {
        return new Target(what, got, bound, true);
    }

    boolean met() {
        return atMost ? got <= bound : got >= bound;
    }

    String text() {
        return String.format(
                Locale.ROOT,
                "%s %s %s, asked %s %s",
                met() ? "✓" : "✗",
                Report.figure(got),
                what,
                atMost ? "≤" : "≥",
                Report.figure(bound));
    }
}
