package dev.runledger.eventstore;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a fold needs of an event that is short: see {@link EventLog#readShort}.
 *
 * @param position as in {@link StoredEvent}
 * @param version as in {@link StoredEvent}
 * @param type as in {@link StoredEvent}
 * @param occurredAt as in {@link StoredEvent}
 * @param recordedAt as in {@link StoredEvent}
 * @param payload the exact bytes that were stored, JSON in UTF-8, not a copy; null once erased
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them, and a copy of each payload is what this saves.
public record ShortEvent(
        long position, long version, String type, Instant occurredAt, Instant recordedAt, byte @Nullable [] payload) {}
