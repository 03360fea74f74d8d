package dev.runledger.query.projection;

import dev.runledger.eventstore.PostgresEventStore;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.StreamableMessageSource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The log as the projection's processor takes it. The processor would take a thousand events ahead whatever their size:
 * here no more than some MiB are on the way to the fold, one event at least.
 */
@Component
final class ReadModelSource implements StreamableMessageSource<TrackedEventMessage<?>> {

    /** What an event is taken to cost beside the text of its payload. */
    private static final int EVENT_BYTES = 500;

    private record Sent(long position, long bytes) {}

    private final PostgresEventStore store;
    private final long mostBytes;
    private volatile @Nullable Stream open;

    ReadModelSource(PostgresEventStore store) {
        this.store = store;
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
        var stream = new Stream(trackingToken);
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

        private final TrackingEventStream behind;

        Stream(@Nullable TrackingToken token) {
            behind = store.openStream(token);
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
            return behind.peek();
        }

        @Override
        public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
            return !hold() && behind.hasNextAvailable(timeout, unit);
        }

        @Override
        public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
            var next = behind.nextAvailable();
            var size = EVENT_BYTES + store.payloadLength(next);
            synchronized (this) {
                sent.addLast(new Sent(next.trackingToken().position().orElseThrow(), size));
                bytes += size;
            }
            return next;
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
