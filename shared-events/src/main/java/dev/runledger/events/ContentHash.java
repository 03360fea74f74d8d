package dev.runledger.events;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * 64-bit hashes of content: the first eight bytes of SHA-256. States keep these instead of contents, to tell a
 * command that says the same again from one that says something else. 0 stands for "nothing given".
 */
public final class ContentHash {

    /** The hash of an absent value. */
    public static final long NONE = 0;

    // Said by every step that names no dependencies, and by every execution without tags.
    private static final long EMPTY_LIST = ofText("l");
    private static final long EMPTY_MAP = ofText("m{}");

    private ContentHash() {}

    /** The hash of {@code text}; never {@link #NONE}. */
    public static long ofText(String text) {
        return ofBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static long ofBytes(byte[] bytes) {
        try {
            var hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .getLong();
            return hash == NONE ? 1 : hash;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The hash of one field: null is {@link #NONE}; a {@link Json} compares by meaning, everything else by its text
     * with its kind, so that {@code "1"} and {@code 1} differ.
     *
     * @throws IllegalArgumentException for a type that no event carries
     */
    public static long of(@Nullable Object value) {
        return switch (value) {
            case null -> NONE;
            case Json json -> json.contentHash();
            case String text -> ofText("s" + text);
            case Integer number -> small(1, number);
            case Long number -> small(1, number);
            case Boolean flag -> small(2, flag ? 1 : 0);
            case Instant time -> ofText("t" + time);
            case UUID id -> ofText("s" + id);
            case List<?> list -> {
                if (list.isEmpty()) {
                    yield EMPTY_LIST;
                }
                var text = new StringBuilder("l");
                for (var item : list) {
                    text.append(Long.toHexString(of(item))).append(',');
                }
                yield ofText(text.toString());
            }
            case Map<?, ?> map -> {
                if (map.isEmpty()) {
                    yield EMPTY_MAP;
                }
                var sorted = new TreeMap<String, Long>();
                map.forEach((key, item) -> sorted.put(Long.toHexString(of(key)), of(item)));
                yield ofText("m" + sorted);
            }
            default -> throw new IllegalArgumentException("no content hash for " + value.getClass());
        };
    }

    /** The hash of several fields in a fixed order; never {@link #NONE}, even when all are absent. */
    public static long ofFields(@Nullable Object... fields) {
        var hashes = new long[fields.length];
        for (var i = 0; i < fields.length; i++) {
            hashes[i] = of(fields[i]);
        }
        return ofHashes(hashes);
    }

    /** The hash of several hashes in a fixed order; never {@link #NONE}. */
    public static long ofHashes(long... hashes) {
        var bytes = ByteBuffer.allocate(Long.BYTES * hashes.length);
        bytes.asLongBuffer().put(hashes);
        return ofBytes(bytes.array());
    }

    /** Numbers need no digest: a bijection of the value that keeps clear of {@link #NONE}. */
    private static long small(int kind, long value) {
        var hash = (value ^ ((long) kind << 56)) * 0x9E3779B97F4A7C15L;
        return hash == NONE ? 1 : hash;
    }
}
