package dev.runledger.eventstore;

import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 hash: 32 bytes, shown as lower-case hex. */
public final class Hash {

    /** In bytes. */
    static final int LENGTH = 32;

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a SHA-256 hash has 32 bytes, this one has " + bytes.length);
        }
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException unless there are 32 bytes */
    public static Hash of(byte[] bytes) {
        return new Hash(bytes.clone());
    }

    /** @throws IllegalArgumentException unless the text is 64 hex digits */
    public static Hash parse(String hex) {
        return new Hash(HexFormat.of().parseHex(hex));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
