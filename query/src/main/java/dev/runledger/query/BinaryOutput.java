package dev.runledger.query;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.copy.CopyIn;

/** Bytes as PostgreSQL takes them for values in binary: see "COPY", "Binary Format", and {@code array_recv}. */
final class BinaryOutput {

    private static final byte[] COPY_SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int FULL = 1 << 16;

    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12);

    /** The beginning of an array of one dimension that may have nulls. */
    void arrayHeader(int elementOid, int size) {
        int4(1);
        int4(1);
        int4(elementOid);
        int4(size);
        int4(1);
    }

    void copyHeader() {
        room(COPY_SIGNATURE.length).put(COPY_SIGNATURE);
        int4(0);
        int4(0);
    }

    void copyTrailer() {
        int2(-1);
    }

    void int1(int value) {
        room(1).put((byte) value);
    }

    void int2(int value) {
        room(Short.BYTES).putShort((short) value);
    }

    void int4(int value) {
        room(Integer.BYTES).putInt(value);
    }

    void int8(long value) {
        room(Long.BYTES).putLong(value);
    }

    /** A text with its length before it. */
    void text(String value) {
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        int4(utf8.length);
        room(utf8.length).put(utf8);
    }

    /** Whether it is time to {@link #sendTo send}. */
    boolean isFull() {
        return bytes.position() >= FULL;
    }

    /** Sends what is there, and is empty. */
    void sendTo(CopyIn copy) throws SQLException {
        copy.writeToCopy(bytes.array(), 0, bytes.position());
        bytes.clear();
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private ByteBuffer room(int length) {
        if (bytes.remaining() < length) {
            var larger = Math.max(2L * bytes.capacity(), (long) bytes.position() + length);
            bytes = ByteBuffer.allocate(Math.toIntExact(Math.min(larger, Integer.MAX_VALUE - 8)))
                    .put(bytes.flip());
        }
        return bytes;
    }
}
