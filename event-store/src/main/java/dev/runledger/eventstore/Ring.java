package dev.runledger.eventstore;

import java.util.Map;
import java.util.TreeMap;

/**
 * The newest events of the log, bounded in their number and memory: adding drops the oldest. One thread
 * adds, any read. Readers keep no link into it, so a slow one holds nothing of what was dropped.
 */
final class Ring {

    private final int maxEvents;
    private final long maxBytes;
    private final TreeMap<Long, Batch> batches = new TreeMap<>();
    private boolean started;
    private long upTo;
    private long events;
    private long bytes;

    /** The newest batch stays whatever its size. */
    Ring(int maxEvents, long maxBytes) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    int maxEvents() {
        return maxEvents;
    }

    /** Begins anew, empty, after a position. */
    synchronized void start(long position) {
        clear();
        started = true;
        upTo = position;
    }

    /** Holds nothing and knows nothing until the next start. */
    synchronized void stop() {
        clear();
        started = false;
    }

    synchronized boolean isStarted() {
        return started;
    }

    /** The position of the newest event that it holds or held. */
    synchronized long upTo() {
        return upTo;
    }

    synchronized long events() {
        return events;
    }

    synchronized void add(Batch batch) {
        if (batch.after() != upTo) {
            throw new IllegalArgumentException("events after " + upTo + " are next, not after " + batch.after());
        }
        if (batch.size() == 0) {
            return;
        }
        batches.put(batch.upTo(), batch);
        upTo = batch.upTo();
        events += batch.size();
        bytes += batch.bytes();
        while (batches.size() > 1 && (events > maxEvents || bytes > maxBytes)) {
            Batch oldest = batches.pollFirstEntry().getValue();
            events -= oldest.size();
            bytes -= oldest.bytes();
        }
    }

    /** What a reader finds that has read up to a position. */
    synchronized Next next(long position) {
        if (!started) {
            return Next.Missing.UNKNOWN;
        }
        if (position >= upTo) {
            return Next.Missing.NOT_WRITTEN;
        }
        Map.Entry<Long, Batch> entry = batches.higherEntry(position);
        if (entry == null || entry.getValue().after() > position) {
            return Next.Missing.DROPPED;
        }
        return new Next.Found(entry.getValue());
    }

    private void clear() {
        batches.clear();
        events = 0;
        bytes = 0;
    }

    /** What follows a position. */
    sealed interface Next {

        /** The batch with the event after the position. */
        record Found(Batch batch) implements Next {}

        /** Why the ring does not have it. */
        enum Missing implements Next {
            /** The ring has not started. */
            UNKNOWN,
            /** The reader is at the head of the log, as far as the ring knows. */
            NOT_WRITTEN,
            /** The log has it, the ring has it no more. */
            DROPPED
        }
    }
}
