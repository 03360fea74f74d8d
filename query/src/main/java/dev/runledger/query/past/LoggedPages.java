package dev.runledger.query.past;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.Reads;
import dev.runledger.query.past.PastMemory.Share;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;

/**
 * The events of a stream, page by page. Reading them and reading their JSON is most of the work of a fold, so a few
 * pages are read ahead, side by side, as far as there is memory for them: versions have no gap, so each page knows where
 * it begins.
 */
final class LoggedPages implements AutoCloseable {

    /** How many versions a page covers. */
    private static final int PAGE = 1_000;

    /** How many pages are read ahead, of some 8 MiB each at most. */
    private static final int AHEAD = 3;

    /** A byte of an event comes as such, then as one or two of a text, and again as a part of what was read from that. */
    private static final int BYTES_OF_BYTE = 5;

    private static final Map<String, ObjectReader> READERS = new ConcurrentHashMap<>();

    /** An event and what it says; null where its payload was erased. */
    record Logged(StoredEvent stored, @Nullable ExecutionEvent event) {}

    /**
     * Some events.
     *
     * @param reached the version up to which there are no others; they need not have it
     * @param bytes of memory that the share was charged with for them
     */
    record Part(List<Logged> events, long reached, long bytes) {}

    private record Read(List<Logged> events, @Nullable Long next) {}

    private record Ahead(CompletableFuture<Read> read, long end, long bytes) {}

    private final EventLog log;
    private final Reads reads;
    private final StreamId stream;
    private final Share share;
    private final long upTo;
    private final @Nullable Instant occurredBy;
    private final Executor executor = task -> Thread.ofVirtual().name("past").start(task);
    private final Deque<Ahead> ahead = new ArrayDeque<>();

    /** Behind the last page that is being read. */
    private long begun;

    /** Where a page goes on that was longer than one reading returns; null when the last one was not. */
    private @Nullable Long rest;

    private long end;

    /**
     * @param share is charged with each part, which gives the bytes back when it needs the part no more
     * @param occurredBy leaves out the events that occurred later; null for none
     */
    LoggedPages(
            EventLog log,
            Reads reads,
            StreamId stream,
            Share share,
            long after,
            long upTo,
            @Nullable Instant occurredBy) {
        this.log = log;
        this.reads = reads;
        this.stream = stream;
        this.share = share;
        this.upTo = upTo;
        this.occurredBy = occurredBy;
        this.begun = after;
        this.end = after;
    }

    /** The next part, which may have no events; null when there are no more. */
    @Nullable
    Part next() {
        if (rest != null) {
            var bytes = bytes(rest, end);
            share.add(bytes);
            return part(read(rest, end), bytes);
        }
        readAhead();
        if (ahead.isEmpty()) {
            return null;
        }
        var next = ahead.remove();
        end = next.end();
        try {
            return part(next.read().join(), next.bytes());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void readAhead() {
        while (begun < upTo && ahead.size() < AHEAD) {
            var from = begun;
            var to = Math.min(upTo, from + PAGE);
            var bytes = bytes(from, to);
            if (ahead.isEmpty()) {
                share.add(bytes);
            } else if (!share.addAhead(
                    bytes, ahead.stream().mapToLong(Ahead::bytes).sum())) {
                return;
            }
            begun = to;
            var alone = ahead.isEmpty() && to == upTo;
            ahead.add(new Ahead(
                    alone
                            ? CompletableFuture.completedFuture(read(from, to))
                            : CompletableFuture.supplyAsync(() -> read(from, to), executor),
                    to,
                    bytes));
        }
    }

    private Part part(Read read, long bytes) {
        // A reading that grew too long with its very last event tells of more where there is none.
        rest = read.next() == null || read.next() >= end ? null : read.next();
        return new Part(read.events(), Objects.requireNonNullElse(rest, end), bytes);
    }

    private long bytes(long after, long to) {
        return share.atMostOnePart(BYTES_OF_BYTE * reads.inTurn(() -> log.readCost(stream, after, to)));
    }

    private Read read(long after, long to) {
        var page = reads.inTurn(() -> occurredBy == null
                ? log.readStream(stream, after, to, EventFilter.ALL, PAGE)
                : log.readOccurred(stream, after, to, occurredBy, PAGE));
        var events = new ArrayList<Logged>(page.events().size());
        for (var stored : page.events()) {
            var payload = stored.payload();
            events.add(new Logged(
                    stored, payload == null ? null : reader(stored.type()).readValue(payload)));
        }
        return new Read(events, page.next());
    }

    /** Waits for what is being read, so that nobody reads who holds no share. */
    @Override
    public void close() {
        ahead.forEach(page ->
                page.read().exceptionally(ignored -> new Read(List.of(), null)).join());
    }

    private static ObjectReader reader(String type) {
        return READERS.computeIfAbsent(type, name -> EventJson.mapper().readerFor(ExecutionEventTypes.classOf(name)));
    }
}
