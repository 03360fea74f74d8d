package dev.runledger.query.past;

import dev.runledger.events.execution.ExecutionView;
import java.time.Instant;

/**
 * How far a history is folded.
 *
 * @param view after all events up to its version
 * @param recordedAt of the last of them
 * @param alone about how many bytes of memory the view takes
 * @param beyond how many of them it does not share with the mark before it
 */
record Mark(ExecutionView view, Instant recordedAt, long alone, long beyond) {

    long version() {
        return view.header().version();
    }

    Mark beyond(long bytes) {
        return new Mark(view, recordedAt, alone, bytes);
    }
}
