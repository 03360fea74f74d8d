package dev.runledger.eventstore;

import java.time.Instant;
import java.util.UUID;

/**
 * An event that is ready to be appended: everything of it that does not need the head row.
 *
 * @param version     the version that it wants in its stream
 * @param occurredAt  whole microseconds
 * @param metadata    a JSON object
 * @param payload     JSON
 * @param payloadSalt 16 random bytes
 */
record NewEvent(
        StreamId stream,
        long version,
        UUID eventId,
        String type,
        int revision,
        Instant occurredAt,
        String metadata,
        String payload,
        byte[] payloadSalt,
        byte[] payloadHash,
        byte[] digest,
        int bytes) {}
