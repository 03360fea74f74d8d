package dev.runledger.command.batch;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of newline-delimited JSON. Blank lines are no commands and get no result, but they count, so that a
 * number is that of the line in the sender's file.
 */
final class NdjsonLines implements LineSource {

    private final PausingInput in;
    private final int limit;
    private final LineBuffer pieces;
    private long number;

    /** @param limit the most bytes that a line may have */
    NdjsonLines(PausingInput in, int limit) {
        this.in = in;
        this.limit = limit;
        this.pieces = new LineBuffer(limit);
    }

    @Override
    public @Nullable RawLine next() throws IOException {
        while (true) {
            if (in.position == in.limit && !in.fill()) {
                return pieces.isEmpty() ? null : pieces.end(++number);
            }
            var start = in.position;
            var end = newline(start);
            if (end < 0) {
                pieces.add(in.buffer, start, in.limit);
                in.position = in.limit;
                continue;
            }
            in.position = end + 1;
            number++;
            var line = line(start, end);
            if (line != null) {
                return line;
            }
        }
    }

    /** Without a copy where the whole line lies in the buffer. */
    private @Nullable RawLine line(int start, int end) {
        if (pieces.isEmpty() && end - start <= limit) {
            return LineBuffer.blank(in.buffer, start, end)
                    ? null
                    : new RawLine.Text(number, in.buffer, start, end - start);
        }
        pieces.add(in.buffer, start, end);
        return pieces.end(number);
    }

    private int newline(int from) {
        for (var i = from; i < in.limit; i++) {
            if (in.buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** The next line stands for itself. */
    @Override
    public void noJsonAt(RawLine.Text line) {
        // Nothing follows from it.
    }
}
