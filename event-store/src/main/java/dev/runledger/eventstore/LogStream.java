package dev.runledger.eventstore;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingEventStream;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log in order, from the ring where that reaches and from pages of its own, one ahead, where not.
 *
 * <p>A reader that is behind the ring has a next event for certain: then even a call without a timeout waits
 * for its page, up to a second. The callback runs each time that events become available to a reader that was
 * told that there were none, on a thread of the store. While the database is away, there are none. An event
 * that cannot be decoded is thrown where it stands, each time it is asked for. When the log has gone back behind what
 * was read, every call fails, and a reader has to begin anew from its token. For use by one thread at a time; any may
 * close.
 */
final class LogStream implements TrackingEventStream {

    private static final Logger logger = LoggerFactory.getLogger(LogStream.class);
    private static final long PAGE_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ring ring;
    private final Fetcher fetcher;
    private final Consumer<LogStream> onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Class<?>> skipped = new HashSet<>();

    private long position;
    private List<TrackedEventMessage<?>> messages = List.of();
    private int next;
    private long messagesUpTo;

    private boolean fetching;
    private @Nullable Batch fetched;
    private @Nullable Throwable failure;

    private @Nullable EventStoreException end;

    private boolean callbackDue = true;
    private @Nullable Runnable callback;
    private volatile boolean closed;

    LogStream(long position, Ring ring, Fetcher fetcher, Consumer<LogStream> onClose) {
        this.position = position;
        this.messagesUpTo = position;
        this.ring = ring;
        this.fetcher = fetcher;
        this.onClose = onClose;
    }

    @Override
    public Optional<TrackedEventMessage<?>> peek() {
        lock.lock();
        try {
            return hasNextAvailable() ? Optional.of(messages.get(next)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hasNextAvailable(int timeout, TimeUnit unit) throws InterruptedException {
        long begin = System.nanoTime();
        long limit = unit.toNanos(timeout);
        lock.lock();
        try {
            while (!closed) {
                boolean certain = advance() && next == messages.size();
                if (next < messages.size()) {
                    return true;
                }
                callbackDue = true;
                long left = Math.max(limit, certain ? PAGE_WAIT_NANOS : 0) - (System.nanoTime() - begin);
                if (left <= 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** @throws IllegalStateException when the stream is closed, also while waiting */
    @Override
    public TrackedEventMessage<?> nextAvailable() throws InterruptedException {
        lock.lock();
        try {
            while (!hasNextAvailable(Integer.MAX_VALUE, TimeUnit.SECONDS)) {
                if (closed) {
                    throw new IllegalStateException("the event stream is closed");
                }
            }
            return messages.get(next++);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Leaves out that type from here on, except for the last event of each page, which lets the reader's token
     * move on to the head.
     */
    @Override
    public void skipMessagesWithPayloadTypeOf(TrackedEventMessage<?> ignoredMessage) {
        lock.lock();
        try {
            skipped.add(ignoredMessage.getPayloadType());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean setOnAvailableCallback(Runnable callback) {
        boolean available;
        lock.lock();
        try {
            this.callback = callback;
            Ring.Next following = ring.next(messagesUpTo);
            available = next < messages.size()
                    || following instanceof Ring.Next.Found
                    || following == Ring.Next.Missing.DROPPED;
        } finally {
            lock.unlock();
        }
        if (available) {
            callback.run();
        }
        return true;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            messages = List.of();
            next = 0;
            fetched = null;
            callback = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        onClose.accept(this);
    }

    boolean isClosed() {
        return closed;
    }

    /** Says that the ring started or has more. */
    void ringMoved() {
        change(() -> {});
    }

    void fetched(Batch batch) {
        change(() -> {
            fetching = false;
            fetched = batch;
        });
    }

    /** Has every further call fail: what was read is no longer what the log says. */
    void end(EventStoreException reason) {
        change(() -> end = reason);
    }

    void failed(Throwable reason) {
        change(() -> {
            fetching = false;
            failure = reason;
        });
    }

    private void change(Runnable change) {
        Runnable due = null;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            change.run();
            changed.signalAll();
            if (callbackDue) {
                due = callback;
                callbackDue = due == null;
            }
        } finally {
            lock.unlock();
        }
        if (due != null) {
            try {
                due.run();
            } catch (RuntimeException e) {
                logger.debug("A reader of the event log could not be told of new events", e);
            }
        }
    }

    /** Makes messages available if it can without waiting. Returns whether there is certain to be one. */
    private boolean advance() {
        if (end != null) {
            throw end;
        }
        while (true) {
            while (next < messages.size() - 1
                    && skipped.contains(messages.get(next).getPayloadType())) {
                next++;
            }
            if (next < messages.size()) {
                return true;
            }
            position = messagesUpTo;
            messages = List.of();
            next = 0;
            switch (ring.next(position)) {
                case Ring.Next.Found found -> {
                    fetched = null;
                    take(found.batch());
                }
                case Ring.Next.Missing missing -> {
                    switch (missing) {
                        case UNKNOWN -> {
                            return true;
                        }
                        case NOT_WRITTEN -> {
                            return false;
                        }
                        case DROPPED -> {
                            if (!takeFetched()) {
                                return true;
                            }
                        }
                    }
                }
            }
        }
    }

    /** Takes the page that was read ahead and has the next one read; false while it is being read. */
    private boolean takeFetched() {
        throwFailure();
        Batch page = fetched;
        fetched = null;
        if (page == null || page.after() > position || page.upTo() <= position) {
            fetch(position);
            return false;
        }
        take(page);
        if (ring.next(messagesUpTo) == Ring.Next.Missing.DROPPED) {
            fetch(messagesUpTo);
        }
        return true;
    }

    private void take(Batch batch) {
        Batch.Reading reading = batch.read(position);
        messages = reading.messages();
        messagesUpTo = reading.upTo();
    }

    private void fetch(long after) {
        if (!fetching) {
            fetching = true;
            fetcher.fetch(this, after);
        }
    }

    private void throwFailure() {
        Throwable reason = failure;
        failure = null;
        switch (reason) {
            case null -> {}
            case RuntimeException e -> throw e;
            default -> throw new EventStoreException("the event log could not be read", reason);
        }
    }

    /** Reads a page after a position and hands it to the stream, some time later and on another thread. */
    interface Fetcher {
        void fetch(LogStream stream, long position);
    }
}
