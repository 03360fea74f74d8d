package dev.runledger.eventstore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.jspecify.annotations.Nullable;

/** Reads one node's log live, on a thread of its own, and asks for more only when it is called back. */
final class Follower implements AutoCloseable {

    private final List<Long> positions = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore called = new Semaphore(1);
    private final PostgresEventStore store;
    private final TrackingEventStream stream;
    private final Thread thread;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    Follower(PostgresEventStore store) {
        this.store = store;
        this.stream = store.openStream(null);
        this.stream.setOnAvailableCallback(called::release);
        this.thread = Thread.ofVirtual().start(this::follow);
    }

    static Follower of(PostgresEventStorageEngine node) {
        return new Follower(PostgresEventStore.builder()
                .storageEngine(node)
                .ring(500, 1 << 20)
                .build());
    }

    /** What it has read, in its order. */
    List<Long> positions() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return positions;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        called.release();
        thread.join();
        stream.close();
        store.shutDown();
    }

    private void follow() {
        try {
            while (!closed) {
                called.acquire();
                while (stream.hasNextAvailable()) {
                    TrackedEventMessage<?> message = stream.nextAvailable();
                    positions.add(((GlobalSequenceTrackingToken) message.trackingToken()).getGlobalIndex());
                }
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            failure = e;
        }
    }
}
