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
 * The log as the projection's processor takes it. The processor would take a thousand events ahead whatever their size,
 * and then look only a tenth of a second later whether there is room again. Here no more than some MiB are on the way to
 * the fold, one event at least, and fewer positions wait than the processor has room for messages: it hears at once of
 * the next ones, unless upcasters make so many messages of an event that there is no room left.
 */
@Component
final class ReadModelSource implements StreamableMessageSource<TrackedEventMessage<?>> {

    /** What an event is taken to cost beside the text of its payload. */
    private static final int EVENT_BYTES = 500;

    /** Positions, where the processor has room for 1,024 messages. */
    private static final int MOST_WAITING = 1_000;

    private record Sent(long position, long bytes) {}

    private final PostgresEventStore store;
    private final long mostBytes;
    private volatile @Nullable Stream open;

    ReadModelSource(PostgresEventStore store) {
        this.store = store;
        this.mostBytes = Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);
    }

    /** Everything up to {@code position} is being folded, so that as much as one batch may wait behind it. */
    void taken(long position) {
        var stream = open;
        if (stream != null) {
            stream.taken(position);
        }
    }

    /** Whether a whole batch waits. */
    boolean hasBacklog() {
        var stream = open;
        return stream != null && stream.hasBacklog();
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
        private long lastSent;
        private long taken;
        private boolean held;
        private volatile @Nullable Runnable callback;

        private final TrackingEventStream behind;

        Stream(@Nullable TrackingToken token) {
            behind = store.openStream(token);
        }

        synchronized long bytes() {
            return bytes;
        }

        synchronized boolean hasBacklog() {
            return lastSent - taken >= MOST_WAITING || bytes >= mostBytes;
        }

        void taken(long position) {
            wake(() -> taken = Math.max(taken, position));
        }

        void folded(long position) {
            wake(() -> {
                taken = Math.max(taken, position);
                while (!sent.isEmpty() && sent.getFirst().position() <= position) {
                    bytes -= sent.removeFirst().bytes();
                }
            });
        }

        /** Tells who was held that there is room, where {@code change} has made some. */
        private void wake(Runnable change) {
            Runnable wake;
            synchronized (this) {
                change.run();
                wake = held && !hasBacklog() ? callback : null;
                held = held && wake == null;
            }
            if (wake != null) {
                wake.run();
            }
        }

        /** Whether the fold has enough to do; then it is said when it has not any more. */
        private synchronized boolean hold() {
            held = hasBacklog();
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
            var position = next.trackingToken().position().orElseThrow();
            synchronized (this) {
                taken = lastSent == 0 ? position - 1 : taken;
                lastSent = position;
                sent.addLast(new Sent(position, size));
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
