package dev.runledger.events.execution;

import dev.runledger.events.ContentHash;
import dev.runledger.events.Json;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The content hashes of a body's fields in a fixed order: enough to compare two bodies, whole or in part. */
public final class FieldHashes {

    static final Json EMPTY_OBJECT = Json.of("{}");

    private final long[] hashes;

    private FieldHashes(long[] hashes) {
        this.hashes = hashes;
    }

    static FieldHashes of(@Nullable Object... fields) {
        var hashes = new long[fields.length];
        for (var i = 0; i < fields.length; i++) {
            hashes[i] = ContentHash.of(fields[i]);
        }
        return new FieldHashes(hashes);
    }

    static FieldHashes ofHashes(long[] hashes) {
        return new FieldHashes(hashes.clone());
    }

    /** In the order of the fields. */
    long[] hashes() {
        return hashes.clone();
    }

    static @Nullable Json unlessEmptyObject(@Nullable Json json) {
        return json == null || json.contentHash() == EMPTY_OBJECT.contentHash() ? null : json;
    }

    /** Whether every field that is given here has the same content in {@code recorded}. */
    public boolean givenFieldsEqual(FieldHashes recorded) {
        for (var i = 0; i < hashes.length; i++) {
            if (hashes[i] != ContentHash.NONE && hashes[i] != recorded.hashes[i]) {
                return false;
            }
        }
        return true;
    }

    /** One hash for all the fields. */
    long contentHash() {
        return ContentHash.ofHashes(hashes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FieldHashes fields && Arrays.equals(fields.hashes, hashes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hashes);
    }

    @Override
    public String toString() {
        return Arrays.toString(hashes);
    }
}
