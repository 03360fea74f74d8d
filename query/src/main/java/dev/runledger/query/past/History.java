package dev.runledger.query.past;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a history: marks in the order of their versions, one every {@link #EVERY} versions where there is room
 * for them, and where a fold was stopped. Views share what did not change between them, so that a mark costs about as
 * much as was said since the one before it.
 */
record History(List<Mark> marks) {

    /** How many events lie between two marks. */
    static final int EVERY = 1_000;

    static final History EMPTY = new History(List.of());

    /** The last mark at or before {@code version}; null when there is none. */
    @Nullable
    Mark floor(long version) {
        return marks.reversed().stream()
                .filter(mark -> mark.version() <= version)
                .findFirst()
                .orElse(null);
    }

    /**
     * With {@code mark}, in no more than {@code bytes} where more than it is kept.
     *
     * @param before the mark that it was folded from; null for none
     */
    History with(Mark mark, @Nullable Mark before, long bytes) {
        var earlier = floor(mark.version());
        if (earlier != null && earlier.version() == mark.version()) {
            return this;
        }
        var index = earlier == null ? -1 : marks.indexOf(earlier);
        // Without the other there is nothing to share.
        var shares = before == null || marks.stream().anyMatch(kept -> kept.view() == before.view());
        var all = new ArrayList<>(marks);
        all.add(index + 1, shares ? mark : mark.beyond(mark.alone()));
        var history = new History(List.copyOf(all));
        while (history.bytes() > bytes && history.marks.size() > 1) {
            history = history.thinned(mark.version());
        }
        return history;
    }

    /** About how much memory it takes. */
    long bytes() {
        return marks.stream().mapToLong(Mark::beyond).sum();
    }

    /** Without every other mark; the last one stays, and that at {@code version} where it is not the only one. */
    private History thinned(long version) {
        var kept = new ArrayList<Mark>();
        var left = 0L;
        for (var i = 0; i < marks.size(); i++) {
            var mark = marks.get(i);
            var stays = (marks.size() - 1 - i) % 2 == 0 || mark.version() == version && marks.size() > 2;
            if (stays) {
                kept.add(mark.beyond(Math.min(mark.alone(), left + mark.beyond())));
                left = 0;
            } else {
                left += mark.beyond();
            }
        }
        return new History(List.copyOf(kept));
    }
}
