package dev.runledger.eventstore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive events of the log, and the messages that upcasting makes of them: one event becomes none, one
 * or several messages with one token.
 */
final class Batch {

    private static final int EVENT_OVERHEAD_BYTES = 1_024;

    private final long after;
    private final List<StoredEvent> events;
    private final Function<List<StoredEvent>, List<TrackedEventMessage<?>>> decoder;
    private volatile @Nullable List<TrackedEventMessage<?>> decoded;

    /** @param events all events after that position up to some later one */
    Batch(long after, List<StoredEvent> events, Function<List<StoredEvent>, List<TrackedEventMessage<?>>> decoder) {
        this.after = after;
        this.events = events;
        this.decoder = decoder;
    }

    /** The position before the first event. */
    long after() {
        return after;
    }

    /** The position of the last event; {@link #after} when there is none. */
    long upTo() {
        return events.isEmpty() ? after : events.getLast().position();
    }

    /** Of the last event; null when there is none. */
    @Nullable
    Hash lastHash() {
        return events.isEmpty() ? null : events.getLast().hash();
    }

    int size() {
        return events.size();
    }

    /** A guess of the memory that the batch holds, once its payloads are objects too. */
    long bytes() {
        long bytes = 0;
        for (StoredEvent event : events) {
            String payload = event.payload();
            bytes += EVENT_OVERHEAD_BYTES + 2L * (event.metadata().length() + (payload == null ? 0 : payload.length()));
        }
        return bytes;
    }

    /** Decodes ahead, so that readers need not; what fails here fails again, and is told, in {@link #read}. */
    Batch decodeAhead() {
        try {
            decoded = decoder.apply(events);
        } catch (RuntimeException | LinkageError e) {
            decoded = null;
        }
        return this;
    }

    /**
     * The messages after a position that lies in this batch, up to the first event that cannot be decoded.
     *
     * @throws RuntimeException as the decoder did, when the first event cannot be
     */
    Reading read(long position) {
        List<TrackedEventMessage<?>> all = decoded;
        if (all != null) {
            int from = 0;
            while (from < all.size() && position(all.get(from)) <= position) {
                from++;
            }
            return new Reading(all.subList(from, all.size()), upTo());
        }
        List<TrackedEventMessage<?>> messages = new ArrayList<>();
        long reached = position;
        for (StoredEvent event : events) {
            if (event.position() <= position) {
                continue;
            }
            try {
                messages.addAll(decoder.apply(List.of(event)));
            } catch (RuntimeException | LinkageError e) {
                if (reached == position) {
                    throw e;
                }
                break;
            }
            reached = event.position();
        }
        return new Reading(messages, reached);
    }

    private static long position(TrackedEventMessage<?> message) {
        return ((GlobalSequenceTrackingToken) message.trackingToken()).getGlobalIndex();
    }

    /** @param upTo the position that a reader has passed when it has taken all the messages */
    record Reading(List<TrackedEventMessage<?>> messages, long upTo) {}
}
