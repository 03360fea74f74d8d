package dev.runledger.eventstore;

import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Walks pages one by one, each read when the one before is used up.
 *
 * <p>With {@code endless}, reaching the end is not final: whoever asks again gets what came since, as
 * Axon expects of a reading by position. Without it, no page is read after the last.
 */
final class Pages extends Spliterators.AbstractSpliterator<StoredEvent> {

    private final LongFunction<Page> read;
    private final boolean endless;
    private final ToLongFunction<StoredEvent> key;
    private Iterator<StoredEvent> events = List.<StoredEvent>of().iterator();
    private @Nullable Long after;
    private long last;

    /**
     * @param read  the page after a position or version
     * @param after where to begin
     */
    Pages(LongFunction<Page> read, long after, boolean endless, ToLongFunction<StoredEvent> key) {
        super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
        this.read = read;
        this.after = after;
        this.last = after;
        this.endless = endless;
        this.key = key;
    }

    @Override
    public boolean tryAdvance(Consumer<? super StoredEvent> action) {
        while (!events.hasNext()) {
            Long from = endless ? (Long) last : after;
            if (from == null) {
                return false;
            }
            Page page = read.apply(from);
            after = page.next();
            events = page.events().iterator();
            if (!events.hasNext() && after == null) {
                return false;
            }
        }
        StoredEvent event = events.next();
        last = key.applyAsLong(event);
        action.accept(event);
        return true;
    }
}
