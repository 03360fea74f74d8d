package dev.runledger.command.batch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The items of a JSON array, cut out by their brackets, quotes and commas; what is between them is left to the parser.
 * After something that is no array any more nothing comes but one problem: a {@link RawLine.Broken}, or the item's own.
 */
final class ArrayLines implements LineSource {

    private static final int NOTHING = -1;

    /** How often a full buffer of a broken array is thrown away before reading ends. */
    private static final int SKIPPED_FILLS = 256;

    private final PausingInput in;
    private final LineBuffer item;
    private long number;
    private boolean closed;
    private boolean over;

    /** @param limit the most bytes that an item may have */
    ArrayLines(PausingInput in, int limit) {
        this.in = in;
        this.item = new LineBuffer(limit);
    }

    /** Goes past the opening bracket; false when the body does not begin with one. */
    boolean begin() throws IOException {
        if (afterWhiteSpace() != '[') {
            return false;
        }
        in.position++;
        return true;
    }

    @Override
    public @Nullable RawLine next() throws IOException {
        if (over) {
            return null;
        }
        if (closed) {
            return afterTheArray();
        }
        var first = afterWhiteSpace();
        if (first == ']' && number == 0) {
            in.position++;
            return afterTheArray();
        }
        number++;
        return switch (first) {
            case NOTHING -> broken("ends within the array");
            case ',', ']', '}' -> broken("has no value where the array needs one");
            default -> item();
        };
    }

    private RawLine item() throws IOException {
        var depth = 0;
        var quoted = false;
        var escaped = false;
        while (in.position < in.limit || in.fill()) {
            var start = in.position;
            for (var i = start; i < in.limit; i++) {
                var b = in.buffer[i];
                if (escaped) {
                    escaped = false;
                } else if (quoted) {
                    escaped = b == '\\';
                    quoted = b != '"';
                } else if (depth == 0 && (b == ',' || b == ']')) {
                    item.add(in.buffer, start, i);
                    in.position = i + 1;
                    closed = b == ']';
                    var line = item.end(number);
                    return line == null ? broken("has no value where the array needs one") : line;
                } else if (b == '"') {
                    quoted = true;
                } else if (b == '[' || b == '{') {
                    depth++;
                } else if (b == ']' || b == '}') {
                    if (depth-- == 0) {
                        return broken("closes an object that was never opened");
                    }
                }
            }
            item.add(in.buffer, start, in.limit);
            in.position = in.limit;
        }
        return broken("ends within the array");
    }

    private @Nullable RawLine afterTheArray() throws IOException {
        number++;
        if (afterWhiteSpace() != NOTHING) {
            return broken("goes on after the array");
        }
        over = true;
        return null;
    }

    /** An array with such an item is broken: nothing after it counts. */
    @Override
    public void noJsonAt(RawLine.Text line) throws IOException {
        over = true;
        skipRest();
    }

    /** Reads on, within bounds, so that the sender gets to see its results. */
    private void skipRest() throws IOException {
        for (var left = SKIPPED_FILLS; left > 0 && in.fill(); left--) {
            in.position = in.limit;
        }
    }

    private RawLine broken(String why) throws IOException {
        over = true;
        skipRest();
        return new RawLine.Broken(number, why);
    }

    /** The next byte that is no white space, not yet consumed; {@link #NOTHING} at the end. */
    private int afterWhiteSpace() throws IOException {
        while (true) {
            for (; in.position < in.limit; in.position++) {
                if (!LineBuffer.whiteSpace(in.buffer[in.position])) {
                    return in.buffer[in.position];
                }
            }
            if (!in.fill()) {
                return NOTHING;
            }
        }
    }
}
