package dev.runledger.query.projection;

import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.PostgresEventStorageEngine;
import dev.runledger.eventstore.PostgresEventStore;
import dev.runledger.eventstore.StoredEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.GenericTrackedDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.StreamableMessageSource;
import org.axonframework.serialization.SerializationException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The log as the projection's processor takes it. The processor would take a thousand events ahead whatever their size:
 * here no more than some MiB are on the way to the fold, one event at least. An event of a type that this code does not
 * know is a message like any other, so that it can be named, and skipped.
 */
@Component
final class ReadModelSource implements StreamableMessageSource<TrackedEventMessage<?>> {

    /** What an event is taken to cost beside the text of its payload. */
    private static final int EVENT_BYTES = 500;

    /** In place of the payload of an event whose type no class belongs to. */
    record UnknownType(String name) {}

    private record Sent(long position, long bytes) {}

    private final PostgresEventStore store;
    private final EventLog eventLog;
    private final long mostBytes;
    private volatile @Nullable Stream open;

    ReadModelSource(PostgresEventStore store, EventLog eventLog) {
        this.store = store;
        this.eventLog = eventLog;
        this.mostBytes = Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);
    }

    /** Everything up to {@code position} is folded and out of memory. */
    void folded(long position) {
        var stream = open;
        if (stream != null) {
            stream.folded(position);
        }
    }

    /** How many bytes are on the way to the fold. */
    long bytesOnTheWay() {
        var stream = open;
        return stream == null ? 0 : stream.bytes();
    }

    @Override
    public TrackingEventStream openStream(@Nullable TrackingToken trackingToken) {
        var stream =
                new Stream(trackingToken == null ? 0 : trackingToken.position().orElseThrow());
        open = stream;
        return stream;
    }

    @Override
    public @Nullable TrackingToken createTailToken() {
        return store.createTailToken();
    }

    @Override
    public @Nullable TrackingToken createHeadToken() {
        return store.createHeadToken();
    }

    @Override
    public TrackingToken createTokenAt(Instant dateTime) {
        return store.createTokenAt(dateTime);
    }

    /** Read by one thread, told by another what is folded. */
    private final class Stream implements TrackingEventStream {

        private final ArrayDeque<Sent> sent = new ArrayDeque<>();
        private long bytes;
        private boolean held;
        private volatile @Nullable Runnable callback;

        // Of the thread that reads.
        private long last;
        private TrackingEventStream behind;
        private @Nullable TrackedEventMessage<?> substitute;

        Stream(long after) {
            last = after;
            behind = store.openStream(new GlobalSequenceTrackingToken(after));
        }

        synchronized long bytes() {
            return bytes;
        }

        void folded(long position) {
            Runnable wake;
            synchronized (this) {
                while (!sent.isEmpty() && sent.getFirst().position() <= position) {
                    bytes -= sent.removeFirst().bytes();
                }
                wake = held && bytes < mostBytes ? callback : null;
                held = held && wake == null;
            }
            if (wake != null) {
                wake.run();
            }
        }

        /** Whether the fold has enough to do; then it is said when it has not any more. */
        private synchronized boolean hold() {
            held = bytes >= mostBytes;
            return held;
        }

        @Override
        public Optional<TrackedEventMessage<?>> peek() {
            var unknown = substitute;
            if (unknown != null) {
                return Optional.of(unknown);
            }
            try {
                return behind.peek();
            } catch (SerializationException | LinkageError e) {
                return Optional.of(pass(e));
            }
        }

        @Override
        public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
            if (hold()) {
                return false;
            }
            if (substitute != null) {
                return true;
            }
            try {
                return behind.hasNextAvailable(timeout, unit);
            } catch (SerializationException | LinkageError e) {
                pass(e);
                return true;
            }
        }

        @Override
        public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
            var next = substitute;
            var size = EVENT_BYTES;
            if (next == null) {
                try {
                    next = behind.nextAvailable();
                    size += store.payloadLength(next);
                } catch (SerializationException | LinkageError e) {
                    next = pass(e);
                }
            }
            substitute = null;
            last = next.trackingToken().position().orElseThrow();
            synchronized (this) {
                sent.addLast(new Sent(last, size));
                bytes += size;
            }
            return next;
        }

        /** Goes on behind the event that could not be made a message, and answers what stands for it. */
        private TrackedEventMessage<?> pass(Throwable failure) {
            // Positions have no gap.
            var found = eventLog.readAll(last, 1).events();
            if (found.isEmpty()) {
                throw new IllegalStateException("the event behind position " + last + " is not there", failure);
            }
            var unknown = unknown(found.getFirst());
            behind.close();
            behind = store.openStream(unknown.trackingToken());
            var wake = callback;
            if (wake != null) {
                behind.setOnAvailableCallback(wake);
            }
            substitute = unknown;
            return unknown;
        }

        private TrackedEventMessage<?> unknown(StoredEvent stored) {
            return new GenericTrackedDomainEventMessage<>(
                    new GlobalSequenceTrackingToken(stored.position()),
                    stored.type(),
                    stored.streamId().aggregateIdentifier(),
                    stored.version() - 1,
                    new GenericMessage<>(
                            stored.eventId().toString(),
                            new UnknownType(stored.type()),
                            Map.of(
                                    PostgresEventStorageEngine.RECORDED_AT,
                                    stored.recordedAt().toString())),
                    stored::occurredAt);
        }

        @Override
        public boolean setOnAvailableCallback(Runnable callback) {
            this.callback = callback;
            return behind.setOnAvailableCallback(callback);
        }

        @Override
        public void skipMessagesWithPayloadTypeOf(TrackedEventMessage<?> ignoredMessage) {
            behind.skipMessagesWithPayloadTypeOf(ignoredMessage);
        }

        @Override
        public void close() {
            behind.close();
        }
    }
}
