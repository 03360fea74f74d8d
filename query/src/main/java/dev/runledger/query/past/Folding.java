package dev.runledger.query.past;

import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A fold under way. */
final class Folding {

    private @Nullable ExecutionView view;
    private Instant recordedAt;
    private @Nullable Mark last;
    private final Growth ofAll = new Growth(null);
    private final Growth sinceStart;
    private Growth sinceMark;
    private final long before;

    /** Goes on from {@code mark}; from nothing where it is null. */
    Folding(@Nullable Mark mark) {
        view = mark == null ? null : mark.view();
        recordedAt = mark == null ? Instant.MIN : mark.recordedAt();
        last = mark;
        before = mark == null ? 0 : mark.alone();
        sinceStart = mark == null ? ofAll : new Growth(view);
        sinceMark = new Growth(view);
    }

    void add(RecordedEvent event) {
        var earlier = view;
        var later = ExecutionView.evolve(earlier, event);
        view = later;
        recordedAt = event.recordedAt();
        var part = Growth.ofNewPart(event.event());
        ofAll.count(earlier, later, event.event(), part);
        sinceMark.count(earlier, later, event.event(), part);
        if (sinceStart != ofAll) {
            sinceStart.count(earlier, later, event.event(), part);
        }
    }

    /** About how many bytes of memory the view takes. */
    long bytes() {
        return before + ofAll.bytes();
    }

    /** How many of them were added here. */
    long added() {
        return sinceStart.bytes();
    }

    long version() {
        return view == null ? 0 : view.header().version();
    }

    /** The mark that was left last; null when there is none. */
    @Nullable
    Mark last() {
        return last;
    }

    /** How far it is; null before the first event. */
    @Nullable
    Mark mark() {
        return view == null ? null : new Mark(view, recordedAt, bytes(), sinceMark.bytes());
    }

    /** As {@link #mark}, after an event; what comes is counted from here on. */
    Mark leaveMark() {
        var mark = Objects.requireNonNull(mark());
        last = mark;
        sinceMark = new Growth(mark.view());
        return mark;
    }
}
