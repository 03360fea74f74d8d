package dev.runledger.eventstore;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What one transaction has appended, once it is durable: with it, readers of this node need not ask the database for
 * what has just been sent there.
 *
 * @param after      the position before its first event
 * @param before     the hash of the event there
 * @param recordedAt of all its events
 * @param events     in their order; at least one
 * @param hashes     of each of them
 */
record Written(long after, Hash before, Instant recordedAt, List<NewEvent> events, byte[][] hashes) {

    /** The position of its last event. */
    long upTo() {
        return after + events.size();
    }

    /** Of its texts. */
    long bytes() {
        long sum = 0;
        for (NewEvent event : events) {
            sum += event.bytes();
        }
        return sum;
    }

    /** The hash of its last event. */
    Hash lastHash() {
        return Hash.of(hashes[hashes.length - 1]);
    }

    /** Its events as reading them from the log would give them. */
    List<StoredEvent> stored() {
        List<StoredEvent> stored = new ArrayList<>(events.size());
        for (int i = 0; i < hashes.length; i++) {
            NewEvent event = events.get(i);
            stored.add(new StoredEvent(
                    after + i + 1,
                    event.stream().namespace(),
                    event.stream().stream(),
                    event.version(),
                    event.eventId(),
                    event.type(),
                    event.revision(),
                    event.occurredAt(),
                    recordedAt,
                    event.metadata(),
                    event.payload(),
                    Hash.of(hashes[i])));
        }
        return stored;
    }
}
