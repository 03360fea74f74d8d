package dev.runledger.query.past;

import dev.runledger.events.execution.ExecutionView;
import java.time.Instant;

/**
 * How far a history is folded.
 *
 * @param view after all events up to its version
 * @param recordedAt of the last of them
 * @param latest when the last of them occurred, by their executors' clocks
 * @param earliest when the first of those occurred that came since the mark before
 * @param bytes about how much memory the view and all marks before it hold
 */
record Mark(ExecutionView view, Instant recordedAt, Instant latest, Instant earliest, long bytes) {

    long version() {
        return view.header().version();
    }
}
