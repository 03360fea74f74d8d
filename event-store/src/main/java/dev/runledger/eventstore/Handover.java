package dev.runledger.eventstore;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this node's writer has written and its tail has not yet read, bounded in events and bytes. It is a short cut and
 * no more: what does not fit is dropped, and then read from the log like the events of other nodes.
 */
final class Handover {

    /** As many as a page of the log has. */
    private static final int TAKEN_EVENTS = 1_000;

    private final int maxEvents;
    private final long maxBytes;
    private final ArrayDeque<Written> groups = new ArrayDeque<>();
    private int events;
    private long bytes;

    /** At most as much waits. */
    Handover(int maxEvents, long maxBytes) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    synchronized void add(Written group) {
        groups.add(group);
        events += group.events().size();
        bytes += group.bytes();
        while (events > maxEvents || bytes > maxBytes) {
            remove();
        }
    }

    /**
     * The groups that follow a position without a gap, about a page of them; empty when the first of them is not here.
     * Groups up to the position are dropped.
     *
     * @param hash of the event at the position, when that is known: what follows continues it, or is not taken
     */
    synchronized List<StoredEvent> take(long position, @Nullable Hash hash) {
        while (!groups.isEmpty() && groups.peek().upTo() <= position) {
            remove();
        }
        List<StoredEvent> taken = new ArrayList<>();
        long reached = position;
        Hash last = hash;
        for (Written next = groups.peek();
                next != null && continues(next, reached, last) && fits(next, taken);
                next = groups.peek()) {
            taken.addAll(next.stored());
            reached = next.upTo();
            last = next.lastHash();
            remove();
        }
        return taken;
    }

    synchronized void clear() {
        groups.clear();
        events = 0;
        bytes = 0;
    }

    private static boolean continues(Written next, long reached, @Nullable Hash hash) {
        return next.after() == reached && (hash == null || next.before().equals(hash));
    }

    private static boolean fits(Written next, List<StoredEvent> taken) {
        return taken.isEmpty() || taken.size() + next.events().size() <= TAKEN_EVENTS;
    }

    private void remove() {
        Written first = groups.remove();
        events -= first.events().size();
        bytes -= first.bytes();
    }
}
