package dev.runledger.query.diff;

import java.util.Locale;

/** Values as a line of text shows them. */
final class PlainText {

    private static final int MOST_CHARACTERS = 200;

    private PlainText() {}

    /** {@code text} on one line, cut where it is long. */
    static String of(String text) {
        var end = text.offsetByCodePoints(0, Math.min(MOST_CHARACTERS, text.codePointCount(0, text.length())));
        var cut = end < text.length() ? text.substring(0, end) + "…" : text;
        return cut.codePoints()
                .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** {@code 850 ms}, {@code 1.2 s}, {@code 3 min 5 s} or {@code 2 h 4 min}. */
    static String ofDuration(long millis) {
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", Math.floor(millis / 100.0) / 10);
        }
        var seconds = millis / 1_000;
        return seconds < 3_600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
    }
}
