package dev.runledger.command.batch;

import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/** An input that hands out its bytes in pieces of given sizes, over and over, and pauses before each. */
final class Chunks extends InputStream {

    private final byte[] bytes;
    private final List<Integer> sizes;
    private int position;
    private int piece;

    Chunks(byte[] bytes, List<Integer> sizes) {
        this.bytes = bytes;
        this.sizes = sizes;
    }

    @Override
    public int read() {
        return position == bytes.length ? -1 : bytes[position++] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        if (position == bytes.length) {
            return -1;
        }
        var size = sizes.get(piece++ % sizes.size());
        var part = Arrays.copyOfRange(bytes, position, Math.min(bytes.length, position + Math.min(size, length)));
        System.arraycopy(part, 0, to, offset, part.length);
        position += part.length;
        return part.length;
    }
}
