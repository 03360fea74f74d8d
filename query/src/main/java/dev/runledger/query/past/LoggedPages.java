package dev.runledger.query.past;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.StoredEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.Reads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;

/**
 * The events of a stream, page by page. Reading them and reading their JSON is most of the work of a fold, so a few
 * pages are read ahead, side by side: versions have no gap, so each page knows where it begins.
 */
final class LoggedPages {

    /** How many versions a page covers. */
    private static final int PAGE = 1_000;

    /** How many pages are read ahead, of some 8 MiB each at most. */
    private static final int AHEAD = 3;

    private static final Map<String, ObjectReader> READERS = new ConcurrentHashMap<>();

    /** An event and what it says; null where its payload was erased, or where nobody wanted to know. */
    record Logged(StoredEvent stored, @Nullable ExecutionEvent event) {}

    private record Read(List<Logged> events, @Nullable Long next) {}

    private final EventLog log;
    private final Reads reads;
    private final StreamId stream;
    private final long upTo;
    private final Predicate<StoredEvent> wanted;
    private final Executor executor = task -> Thread.ofVirtual().name("past").start(task);
    private final Deque<CompletableFuture<Read>> ahead = new ArrayDeque<>();

    /** Behind the last page that is being read. */
    private long begun;

    /** Where a page goes on that was longer than one reading returns; null when the last one was not. */
    private @Nullable Long rest;

    private long end;

    /** @param wanted the events that must be read whole; of others only their place and times */
    LoggedPages(EventLog log, Reads reads, StreamId stream, long after, long upTo, Predicate<StoredEvent> wanted) {
        this.log = log;
        this.reads = reads;
        this.stream = stream;
        this.upTo = upTo;
        this.wanted = wanted;
        this.begun = after;
        this.end = after;
    }

    /** The next events; empty when there are no more. */
    List<Logged> next() {
        var events = anyNext();
        while (events.isEmpty() && (rest != null || end < upTo)) {
            events = anyNext();
        }
        return events;
    }

    private List<Logged> anyNext() {
        if (rest != null) {
            return kept(read(rest, end));
        }
        while (begun < upTo && ahead.size() < AHEAD) {
            var from = begun;
            begun = Math.min(upTo, from + PAGE);
            var to = begun;
            ahead.add(
                    from == end && to == upTo
                            ? CompletableFuture.completedFuture(read(from, to))
                            : CompletableFuture.supplyAsync(() -> read(from, to), executor));
        }
        if (ahead.isEmpty()) {
            return List.of();
        }
        end = Math.min(upTo, end + PAGE);
        try {
            return kept(ahead.remove().join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private List<Logged> kept(Read read) {
        // A reading that grew too long with its very last event tells of more where there is none.
        rest = read.next() == null || read.next() >= end ? null : read.next();
        return read.events();
    }

    private Read read(long after, long to) {
        var page = reads.inTurn(() -> log.readStream(stream, after, to, EventFilter.ALL, PAGE));
        var events = new ArrayList<Logged>(page.events().size());
        for (var stored : page.events()) {
            var payload = stored.payload();
            events.add(new Logged(
                    stored,
                    payload == null || !wanted.test(stored)
                            ? null
                            : reader(stored.type()).readValue(payload)));
        }
        return new Read(events, page.next());
    }

    private static ObjectReader reader(String type) {
        return READERS.computeIfAbsent(type, name -> EventJson.mapper().readerFor(ExecutionEventTypes.classOf(name)));
    }
}
