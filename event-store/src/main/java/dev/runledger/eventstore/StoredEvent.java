package dev.runledger.eventstore;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event as the log keeps it.
 *
 * @param position   1, 2, 3 … without a gap over the whole log
 * @param version    1, 2, 3 … without a gap in the stream; Axon's sequence number + 1
 * @param type       the event type's stored name
 * @param revision   of the type's format; 0 when the type declares none
 * @param occurredAt when it happened, as its author says; whole microseconds
 * @param recordedAt when the log took it; whole microseconds, never decreases along {@code position}
 * @param metadata   a JSON object, the exact text that was stored
 * @param payload    JSON, the exact text that was stored; null once erased
 * @param hash       chains this event to all before it
 */
public record StoredEvent(
        long position,
        String namespace,
        String stream,
        long version,
        UUID eventId,
        String type,
        int revision,
        Instant occurredAt,
        Instant recordedAt,
        String metadata,
        @Nullable String payload,
        Hash hash) {

    public StreamId streamId() {
        return new StreamId(namespace, stream);
    }

    /** Whether the payload was removed; everything else of the event stays. */
    public boolean erased() {
        return payload == null;
    }
}
