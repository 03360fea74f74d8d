package dev.runledger.query.past;

import dev.runledger.events.execution.ExecutionView;
import dev.runledger.events.execution.RecordedEvent;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A fold under way. */
final class Folding {

    /** What an event costs in memory beside its payload: its row, its place in the maps, its share of the paths to it. */
    private static final int EVENT_BYTES = 400;

    private @Nullable ExecutionView view;
    private Instant recordedAt;
    private Instant latest;
    private Instant earliest = Instant.MAX;
    private long bytes;

    /** Goes on from {@code mark}; from nothing where it is null. */
    Folding(@Nullable Mark mark) {
        view = mark == null ? null : mark.view();
        recordedAt = mark == null ? Instant.MIN : mark.recordedAt();
        latest = mark == null ? Instant.MIN : mark.latest();
        bytes = mark == null ? 0 : mark.bytes();
    }

    /** @param length of its payload */
    void add(RecordedEvent event, int length) {
        view = ExecutionView.evolve(view, event);
        recordedAt = event.recordedAt();
        latest = event.occurredAt().isAfter(latest) ? event.occurredAt() : latest;
        earliest = event.occurredAt().isBefore(earliest) ? event.occurredAt() : earliest;
        bytes += EVENT_BYTES + length;
    }

    /** About how much memory it holds. */
    long bytes() {
        return bytes;
    }

    long version() {
        return view == null ? 0 : view.header().version();
    }

    /** How far it is; null before the first event. */
    @Nullable
    Mark mark() {
        return view == null ? null : new Mark(view, recordedAt, latest, earliest, bytes);
    }

    /** As {@link #mark}, and the next one counts what occurs from here on. */
    Mark next() {
        var mark = new Mark(Objects.requireNonNull(view), recordedAt, latest, earliest, bytes);
        earliest = Instant.MAX;
        return mark;
    }
}
