package dev.runledger.eventstore;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * The byte layout of the hash chain; all numbers are big-endian, {@code len} is an int4 count of bytes.
 *
 * <pre>
 * payload hash = SHA-256(salt ‖ payload)
 * digest       = SHA-256(len‖namespace ‖ len‖stream ‖ int8 version ‖ 16-byte event id ‖ len‖type ‖
 *                        int4 revision ‖ int8 occurredAt µs ‖ SHA-256(metadata) ‖ payload hash)
 * hash         = SHA-256(previous event's hash ‖ int8 position ‖ int8 recordedAt µs ‖ digest)
 * first hash   = SHA-256(16-byte log id)
 * </pre>
 *
 * One instance serves one thread.
 */
final class Chain {

    private final MessageDigest sha256;
    private final ByteBuffer numbers = ByteBuffer.allocate(8);

    Chain() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What the first event's hash follows. */
    byte[] start(UUID logId) {
        return sha256.digest(bytes(logId));
    }

    byte[] payloadHash(byte[] salt, byte[] payload) {
        sha256.update(salt);
        return sha256.digest(payload);
    }

    /** All texts as UTF-8. */
    byte[] digest(
            byte[] namespace,
            byte[] stream,
            long version,
            UUID eventId,
            byte[] type,
            int revision,
            Instant occurredAt,
            byte[] metadata,
            byte[] payloadHash) {
        return digest(
                namespace, stream, version, bytes(eventId), type, revision, micros(occurredAt), metadata, payloadHash);
    }

    /** All texts as UTF-8; {@code eventId} as its 16 bytes, {@code occurredAt} as microseconds since 1970. */
    byte[] digest(
            byte[] namespace,
            byte[] stream,
            long version,
            byte[] eventId,
            byte[] type,
            int revision,
            long occurredAt,
            byte[] metadata,
            byte[] payloadHash) {
        byte[] metadataHash = sha256.digest(metadata);
        putCounted(namespace);
        putCounted(stream);
        put(version);
        sha256.update(eventId);
        putCounted(type);
        put(revision);
        put(occurredAt);
        sha256.update(metadataHash);
        return sha256.digest(payloadHash);
    }

    byte[] hash(byte[] previous, long position, Instant recordedAt, byte[] digest) {
        return hash(previous, position, micros(recordedAt), digest);
    }

    /** {@code recordedAt} as microseconds since 1970. */
    byte[] hash(byte[] previous, long position, long recordedAt, byte[] digest) {
        sha256.update(previous);
        put(position);
        put(recordedAt);
        return sha256.digest(digest);
    }

    /** Whole microseconds since 1970, rounded down. */
    static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000L);
    }

    /** The time as the log keeps it: whole microseconds, rounded down. */
    static Instant wholeMicros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    private void putCounted(byte[] bytes) {
        put(bytes.length);
        sha256.update(bytes);
    }

    private void put(int number) {
        sha256.update(numbers.clear().putInt(number).flip());
    }

    private void put(long number) {
        sha256.update(numbers.clear().putLong(number).flip());
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
