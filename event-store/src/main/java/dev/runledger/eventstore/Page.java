package dev.runledger.eventstore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Part of a reading, in order.
 *
 * @param events may be empty although more follow: a filter can pass over a whole page
 * @param next   the position, or in one stream the version, to read on after; null when the reading
 *               reached the end of what was asked for, as the log was then
 */
public record Page(List<StoredEvent> events, @Nullable Long next) {

    public Page {
        events = List.copyOf(events);
    }
}
