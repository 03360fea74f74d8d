package dev.runledger.eventstore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One row of the log in the bytes that its hashes are made of: texts as UTF-8, times as microseconds since 1970. One
 * that is not what the log wrote may hold anything; see {@link #isErased}, {@link #hasPayload} and the rest.
 */
record ChainRow(
        long position,
        byte[] namespace,
        byte[] stream,
        long version,
        byte[] eventId,
        byte[] type,
        int revision,
        long occurredAt,
        long recordedAt,
        byte[] metadata,
        byte @Nullable [] payload,
        byte @Nullable [] payloadSalt,
        byte[] payloadHash,
        byte[] digest,
        byte[] hash) {

    private static final int SALT_BYTES = 16;

    /** Whether the payload went as an erasure removes it, with its salt. */
    boolean isErased() {
        return payload == null && payloadSalt == null;
    }

    /**
     * Whether payload and salt are those that the payload's hash was made of. The salt's length is part of that: with
     * another one the first bytes of the payload could pass for the end of the salt.
     */
    boolean hasItsPayload(Chain chain) {
        return payload != null
                && payloadSalt != null
                && payloadSalt.length == SALT_BYTES
                && Arrays.equals(chain.payloadHash(payloadSalt, payload), payloadHash);
    }

    /** The digest that the row's columns make. */
    byte[] computedDigest(Chain chain) {
        return chain.digest(namespace, stream, version, eventId, type, revision, occurredAt, metadata, payloadHash);
    }

    boolean hasItsDigest(Chain chain) {
        return Arrays.equals(computedDigest(chain), digest);
    }

    /** Whether the row's hash is the one that it has at {@code position}, next after {@code previous}. */
    boolean fits(Chain chain, byte[] previous, long position) {
        return Arrays.equals(chain.hash(previous, position, recordedAt, digest), hash);
    }
}
