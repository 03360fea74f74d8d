package dev.runledger.command.batch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bytes of one line that came in several pieces; forgets them once there are too many. */
final class LineBuffer {

    private final int limit;
    private byte[] bytes = new byte[1 << 12];
    private int length;
    private boolean overflown;

    LineBuffer(int limit) {
        this.limit = limit;
    }

    void add(byte[] from, int start, int end) {
        var count = end - start;
        if (overflown || count > limit - length) {
            overflown = true;
            return;
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(2 * bytes.length, length + count)));
        }
        System.arraycopy(from, start, bytes, length, count);
        length += count;
    }

    /** The line that was added, or null when it has nothing but white space; then starts another one. */
    @Nullable
    RawLine end(long number) {
        try {
            if (overflown) {
                return new RawLine.TooLarge(number);
            }
            return blank(bytes, 0, length) ? null : new RawLine.Text(number, bytes, 0, length);
        } finally {
            length = 0;
            overflown = false;
        }
    }

    boolean isEmpty() {
        return length == 0 && !overflown;
    }

    static boolean blank(byte[] bytes, int from, int to) {
        for (var i = from; i < to; i++) {
            if (!whiteSpace(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    static boolean whiteSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }
}
