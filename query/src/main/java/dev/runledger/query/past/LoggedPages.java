package dev.runledger.query.past;

import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ExecutionEvent;
import dev.runledger.events.execution.ExecutionEventTypes;
import dev.runledger.eventstore.EventFilter;
import dev.runledger.eventstore.EventLog;
import dev.runledger.eventstore.LongEvents;
import dev.runledger.eventstore.ShortEvent;
import dev.runledger.eventstore.StreamId;
import dev.runledger.query.Reads;
import dev.runledger.query.past.PastMemory.Share;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/**
 * The events of a stream, page by page. Reading them and reading their JSON is most of the work of a fold, so a few
 * pages are read ahead, side by side, as far as there is memory for them: versions have no gap, so each page knows where
 * it begins.
 *
 * <p>Most events are short, and a page of such ones has a bound that is known without looking at it. Where one is long
 * the page is weighed and read again, and so are some after it: long events seldom come alone.
 */
final class LoggedPages implements AutoCloseable {

    /** How many versions a page covers. */
    private static final int PAGE = 1_000;

    /** How many pages are read ahead, as far as there is memory. */
    private static final int AHEAD = 3;

    /** A byte of an event comes as such, then as one or two of a text, and again as a part of what was read from that. */
    private static final int BYTES_OF_BYTE = 5;

    private static final long SHORT_EVENT_BYTES = (long) BYTES_OF_BYTE * EventLog.SHORT_BYTES;

    private static final Map<String, ObjectReader> READERS = new ConcurrentHashMap<>();

    /** An event and what it says; null where its payload was erased. */
    record Logged(
            long version,
            long position,
            Instant occurredAt,
            Instant recordedAt,
            @Nullable ExecutionEvent event) {}

    /**
     * Some events.
     *
     * @param reached the version up to which there are no others; they need not have it
     * @param bytes of memory that the share was charged with for them
     */
    record Part(List<Logged> events, long reached, long bytes) {}

    /**
     * What was read of a page.
     *
     * @param next where it goes on; null where it does not
     * @param bytes of memory that it takes at most
     */
    private record Read(List<Logged> events, @Nullable Long next, long bytes) {}

    /**
     * A page that is being read.
     *
     * @param read empty where an event turned out to be long
     * @param bytes of memory that the share was charged with for it
     */
    private record Ahead(CompletableFuture<Optional<Read>> read, long from, long end, long bytes) {}

    private final EventLog log;
    private final Reads reads;
    private final StreamId stream;
    private final Share share;
    private final long after;
    private final long upTo;
    private final @Nullable Instant occurredBy;
    private final Executor executor = task -> Thread.ofVirtual().name("past").start(task);
    private final Deque<Ahead> ahead = new ArrayDeque<>();

    /** Behind the last page that is being read. */
    private long begun;

    /** Where a page goes on that was longer than one reading returns; null when the last one was not. */
    private @Nullable Long rest;

    private long end;

    private final LongEvents longEvents;

    /** How many versions a page covers that is read as if all its events were short. */
    private final long shortPage;

    /**
     * @param share is charged with each part, which gives the bytes back when it needs the part no more
     * @param occurredBy leaves out the events that occurred later; null for none
     * @param longEvents where they were found, in whatever history
     */
    LoggedPages(
            EventLog log,
            Reads reads,
            StreamId stream,
            Share share,
            long after,
            long upTo,
            @Nullable Instant occurredBy,
            LongEvents longEvents) {
        this.log = log;
        this.reads = reads;
        this.stream = stream;
        this.share = share;
        this.after = after;
        this.upTo = upTo;
        this.occurredBy = occurredBy;
        this.longEvents = longEvents;
        this.shortPage = Math.clamp(share.oneOfSeveralParts() / SHORT_EVENT_BYTES, 1, PAGE);
        this.begun = after;
        this.end = after;
    }

    /** The next part, which may have no events; null when there are no more. */
    @Nullable
    Part next() {
        if (rest != null) {
            return weighedPart(rest);
        }
        readAhead();
        if (ahead.isEmpty()) {
            return null;
        }
        var next = ahead.remove();
        end = next.end();
        var read = joined(next.read()).orElse(null);
        if (read == null) {
            longEvents.found();
            share.add(-next.bytes());
            return weighedPart(next.from());
        }
        share.add(read.bytes() - next.bytes());
        return part(read);
    }

    private static <T> T joined(CompletableFuture<T> read) {
        try {
            return read.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void readAhead() {
        while (begun < upTo && ahead.size() < AHEAD) {
            var from = begun;
            var weighed = occurredBy != null || longEvents.areExpected();
            var to = Math.min(upTo, from + (weighed ? PAGE : shortPage));
            var bytes = weighed ? weight(from, to) : SHORT_EVENT_BYTES * (to - from);
            if (ahead.isEmpty()) {
                share.add(bytes);
            } else if (!share.addAhead(
                    bytes, ahead.stream().mapToLong(Ahead::bytes).sum())) {
                return;
            }
            if (weighed) {
                longEvents.weighed();
            }
            begun = to;
            Supplier<Optional<Read>> read =
                    () -> weighed ? Optional.of(read(from, to, bytes)) : readShort(from, to, bytes);
            var alone = from == after && to == upTo;
            ahead.add(new Ahead(
                    alone
                            ? CompletableFuture.completedFuture(read.get())
                            : CompletableFuture.supplyAsync(read, executor),
                    from,
                    to,
                    bytes));
        }
    }

    private Part weighedPart(long from) {
        var bytes = weight(from, end);
        share.add(bytes);
        return part(read(from, end, bytes));
    }

    private Part part(Read read) {
        // A reading that grew too long with its very last event tells of more where there is none.
        rest = read.next() == null || read.next() >= end ? null : read.next();
        return new Part(read.events(), Objects.requireNonNullElse(rest, end), read.bytes());
    }

    private long weight(long from, long to) {
        return share.atMostOnePart(BYTES_OF_BYTE * reads.inTurn(() -> log.readCost(stream, from, to)));
    }

    private Read read(long from, long to, long bytes) {
        var page = reads.inTurn(() -> occurredBy == null
                ? log.readStream(stream, from, to, EventFilter.ALL, PAGE)
                : log.readOccurred(stream, from, to, occurredBy, PAGE));
        var events = new ArrayList<Logged>(page.events().size());
        for (var stored : page.events()) {
            var payload = stored.payload();
            events.add(new Logged(
                    stored.version(),
                    stored.position(),
                    stored.occurredAt(),
                    stored.recordedAt(),
                    payload == null ? null : reader(stored.type()).readValue(payload)));
        }
        return new Read(events, page.next(), bytes);
    }

    private Optional<Read> readShort(long from, long to, long bytes) {
        return reads.inTurn(() -> log.readShort(stream, from, to)).map(page -> {
            var texts = texts(page);
            return new Read(said(page, texts), null, Math.min(bytes, (long) BYTES_OF_BYTE * texts.length));
        });
    }

    /** Their payloads, one after the other. */
    private static byte[] texts(List<ShortEvent> page) {
        var texts = new ByteArrayOutputStream(page.stream()
                .mapToInt(event -> event.payload() == null ? 0 : event.payload().length + 1)
                .sum());
        for (var event : page) {
            if (event.payload() != null) {
                texts.writeBytes(event.payload());
                texts.write('\n');
            }
        }
        return texts.toByteArray();
    }

    /** One parser reads all of them: to make one takes as long as to read a short text. */
    private static List<Logged> said(List<ShortEvent> page, byte[] texts) {
        var events = new ArrayList<Logged>(page.size());
        try (var parser = EventJson.mapper().createParser(texts)) {
            for (var event : page) {
                events.add(new Logged(
                        event.version(),
                        event.position(),
                        event.occurredAt(),
                        event.recordedAt(),
                        event.payload() == null ? null : reader(event.type()).readValue(parser)));
            }
        }
        return events;
    }

    /** Waits for what is being read, so that nobody reads who holds no share. */
    @Override
    public void close() {
        ahead.forEach(
                page -> page.read().exceptionally(ignored -> Optional.empty()).join());
    }

    /** Reads one value, whatever follows it: what the log holds is one value each. */
    private static ObjectReader reader(String type) {
        return READERS.computeIfAbsent(
                type,
                name -> EventJson.mapper()
                        .readerFor(ExecutionEventTypes.classOf(name))
                        .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
    }
}
