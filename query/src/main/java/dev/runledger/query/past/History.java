package dev.runledger.query.past;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a long history: a mark every {@link #EVERY} versions, from the first on and without a gap. Views share
 * what did not change between them, so that each mark costs about as much as its own events.
 */
record History(List<Mark> marks) {

    /** How many events lie between two marks. */
    static final int EVERY = 1_000;

    static final History EMPTY = new History(List.of());

    /** The last mark at or before {@code version}; null when there is none. */
    @Nullable
    Mark floor(long version) {
        var index = Math.min(version / EVERY, marks.size()) - 1;
        return index < 0 ? null : marks.get((int) index);
    }

    History with(List<Mark> more) {
        var all = new ArrayList<>(marks);
        for (var mark : more) {
            // Another request may have come as far meanwhile.
            if (mark.version() == (all.size() + 1L) * EVERY) {
                all.add(mark);
            }
        }
        return new History(List.copyOf(all));
    }

    long bytes() {
        return marks.isEmpty() ? 0 : marks.getLast().bytes();
    }
}
