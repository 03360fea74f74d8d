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
 * Reads the log from a position to its end, ahead of who takes it: one thread reads pages, another parses them, and
 * between them wait no more than a few pages of some 8 MiB.
 */
final class LogReplay implements AutoCloseable {

    /**
     * A part of the log.
     *
     * @param events those of executions, in order
     * @param last the position up to which this part goes
     * @param read how many events of the log it has, also those of other streams
     * @param end whether the log ended here
     * @param failure why nothing follows; null when nothing is wrong
     */
    record Part(
            List<RecordedEvent> events,
            long last,
            int read,
            boolean end,
            @Nullable RuntimeException failure) {}

    private record Read(@Nullable Page page, @Nullable RuntimeException failure) {}

    private static final int PAGES_AHEAD = 2;

    private final EventLog eventLog;
    private final Skips skips;
    private final BlockingQueue<Read> pages = new ArrayBlockingQueue<>(PAGES_AHEAD);
    private final BlockingQueue<Part> parts = new ArrayBlockingQueue<>(PAGES_AHEAD);
    private final Thread reader;
    private final Thread parser;

    /** @param after the position to begin behind */
    LogReplay(EventLog eventLog, Skips skips, long after) {
        this.eventLog = eventLog;
        this.skips = skips;
        reader = Thread.ofPlatform().daemon().name("rebuild-reader").start(() -> read(after));
        parser = Thread.ofPlatform().daemon().name("rebuild-parser").start(() -> parse(after));
    }

    /** The next part, when it is there. Nothing may be asked after the end or a failure. */
    Part take() throws InterruptedException {
        return parts.take();
    }

    /** The next part if it is there already. */
    @Nullable
    Part poll() {
        return parts.poll();
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
            while (from != null) {
                var page = eventLog.readAll(from, EventLog.MAX_PAGE_EVENTS);
                pages.put(new Read(page, null));
                from = page.next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            hand(pages, new Read(null, e));
        }
    }

    private void parse(long after) {
        var last = after;
        try {
            while (true) {
                var read = pages.take();
                var page = read.page();
                if (page == null) {
                    parts.put(new Part(List.of(), last, 0, false, read.failure()));
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
        } catch (RuntimeException e) {
            hand(parts, new Part(List.of(), last, 0, false, e));
        }
    }

    private Part parse(Page page, long after) {
        var events = new ArrayList<RecordedEvent>(page.events().size());
        var last = after;
        for (var stored : page.events()) {
            try {
                var event = LoggedEvents.of(stored, skips);
                if (event != null) {
                    events.add(event);
                }
            } catch (PoisonEventException e) {
                return new Part(events, last, page.events().size(), false, e);
            }
            last = stored.position();
        }
        return new Part(events, last, page.events().size(), page.next() == null, null);
    }

    private static <T> void hand(BlockingQueue<T> to, T what) {
        try {
            to.put(what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
