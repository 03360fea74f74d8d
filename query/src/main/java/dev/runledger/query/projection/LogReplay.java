package dev.runledger.query.projection;

import dev.runledger.events.execution.RecordedEvent;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log from one position to another or to its end, ahead of who takes it: one thread reads pages, another
 * parses them, and between them wait no more than a few pages of some 8 MiB.
 */
final class LogReplay implements AutoCloseable {

    /**
     * A part of the log.
     *
     * @param events those of executions, in order
     * @param last the position up to which this part goes
     * @param read how many events of the log it has, also those of other streams
     * @param bytes how much their texts take, roughly
     * @param end whether the reading ended here
     * @param failure why nothing follows; null when nothing is wrong
     */
    record Part(
            List<RecordedEvent> events,
            long last,
            int read,
            long bytes,
            boolean end,
            @Nullable Throwable failure) {

        /** Both together, where {@code next} follows this one. */
        private Part with(Part next) {
            var both = new ArrayList<>(events);
            both.addAll(next.events);
            return new Part(both, next.last, read + next.read, bytes + next.bytes, next.end, next.failure);
        }

        /** Throws what is wrong, if something is. */
        void requireNoFailure() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Throwable e -> throw new IllegalStateException("the log could not be read", e);
            }
        }
    }

    private record Read(@Nullable Page page, @Nullable Throwable failure) {}

    private static final int PAGES_AHEAD = 1;

    private static final int EVENT_BYTES = 500;

    private static final int SMALL_PART_EVENTS = 1_000;

    /** So many events, or bytes, make a batch; it may have a part more. */
    private static final int BATCH_EVENTS = 20_000;

    private static final long BATCH_BYTES = 16L << 20;

    /** Who waits for longer looks whether there is still somebody to wait for. */
    private static final long PATIENCE_MILLIS = 500;

    private final EventLog eventLog;
    private final Skips skips;
    private final long upTo;
    private final BlockingQueue<Read> pages = new ArrayBlockingQueue<>(PAGES_AHEAD);
    private final BlockingQueue<Part> parts = new ArrayBlockingQueue<>(PAGES_AHEAD);
    private volatile boolean inSmallParts;
    private final Thread reader;
    private final Thread parser;

    /**
     * @param after the position to begin behind
     * @param upTo the last position to read; {@link Long#MAX_VALUE} for the end of the log
     */
    LogReplay(EventLog eventLog, Skips skips, long after, long upTo) {
        this(eventLog, skips, after, upTo, false);
    }

    /** @param inSmallParts as {@link #inSmallParts}, from the beginning on */
    LogReplay(EventLog eventLog, Skips skips, long after, long upTo, boolean inSmallParts) {
        this.inSmallParts = inSmallParts;
        this.eventLog = eventLog;
        this.skips = skips;
        this.upTo = upTo;
        reader = Thread.ofPlatform().daemon().name("rebuild-reader").start(() -> read(after));
        parser = Thread.ofPlatform().daemon().name("rebuild-parser").start(() -> parse(after));
    }

    /** Whether what is read from here on comes a thousand events at a time, and is not put together. */
    void inSmallParts(boolean small) {
        inSmallParts = small;
    }

    /**
     * The next part, when it is there, with those that follow and are there already, up to a batch of them. Nothing may be
     * asked after the end or a failure.
     *
     * @param meanwhile what to do now and then while nothing is there; may end the waiting by throwing
     */
    Part take(Runnable meanwhile) throws InterruptedException {
        var batch = next(meanwhile);
        while (!inSmallParts
                && !batch.end()
                && batch.failure() == null
                && batch.events().size() < BATCH_EVENTS
                && batch.bytes() < BATCH_BYTES) {
            var more = parts.poll();
            if (more == null) {
                break;
            }
            batch = batch.with(more);
        }
        return batch;
    }

    private Part next(Runnable meanwhile) throws InterruptedException {
        while (true) {
            var part = parts.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            if (part != null) {
                return part;
            }
            meanwhile.run();
            if (!parser.isAlive() && parts.isEmpty()) {
                throw new IllegalStateException("nobody parses the log any more");
            }
        }
    }

    @Override
    public void close() {
        reader.interrupt();
        parser.interrupt();
        try {
            reader.join(TimeUnit.SECONDS.toMillis(10));
            parser.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(long after) {
        try {
            var from = (Long) after;
            while (from != null && from < upTo) {
                var most = inSmallParts ? SMALL_PART_EVENTS : EventLog.MAX_PAGE_EVENTS;
                var page = eventLog.readAll(from, (int) Math.min(upTo - from, most));
                pages.put(new Read(page, null));
                from = page.next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            hand(pages, new Read(null, e));
        }
    }

    private void parse(long after) {
        var last = after;
        try {
            while (true) {
                var read = pages.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                if (read == null) {
                    if (!reader.isAlive() && pages.isEmpty()) {
                        throw new IllegalStateException("nobody reads the log any more");
                    }
                    continue;
                }
                var page = read.page();
                if (page == null) {
                    parts.put(new Part(List.of(), last, 0, 0, false, read.failure()));
                    return;
                }
                var part = parse(page, last);
                parts.put(part);
                last = part.last();
                if (part.end() || part.failure() != null) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            hand(parts, new Part(List.of(), last, 0, 0, false, e));
        }
    }

    private Part parse(Page page, long after) {
        var events = new ArrayList<RecordedEvent>(page.events().size());
        var last = after;
        var bytes = 0L;
        for (var stored : page.events()) {
            try {
                var event = LoggedEvents.of(stored, skips);
                if (event != null) {
                    events.add(event);
                    bytes += EVENT_BYTES
                            + (stored.payload() == null ? 0 : stored.payload().length());
                }
            } catch (PoisonEventException e) {
                return new Part(events, last, page.events().size(), bytes, false, e);
            }
            last = stored.position();
        }
        return new Part(events, last, page.events().size(), bytes, page.next() == null || last >= upTo, null);
    }

    private static <T> void hand(BlockingQueue<T> to, T what) {
        try {
            to.put(what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
