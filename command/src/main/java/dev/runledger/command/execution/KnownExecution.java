package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionState;
import dev.runledger.eventstore.StreamHead;

/**
 * An execution as of an event that is durable.
 *
 * @param position of that event in the log; 0 before the first
 * @param snapshot the newest one that this node knows of
 */
record KnownExecution(ExecutionState state, long position, SnapshotMark snapshot) {

    static final KnownExecution NONE = new KnownExecution(ExecutionState.NONE, 0, SnapshotMark.NONE);

    /**
     * What a snapshot holds.
     *
     * @param version 0 when there is no snapshot
     * @param bytes the estimate of the state's size
     */
    record SnapshotMark(long version, long bytes) {

        static final SnapshotMark NONE = new SnapshotMark(0, 0);

        static SnapshotMark of(ExecutionState state) {
            return new SnapshotMark(state.version(), state.estimatedBytes());
        }
    }

    /** No snapshot is due for fewer events: reading them costs no more than a page. */
    static final int MIN_SNAPSHOT_EVENTS = 500;

    StreamHead head() {
        return new StreamHead(state.version(), position);
    }

    /** The same execution, further on. */
    KnownExecution at(ExecutionState state, long position) {
        return new KnownExecution(state, position, snapshot);
    }

    /** Knowing of {@code other} too, where that is the newer one. */
    KnownExecution with(SnapshotMark other) {
        return other.version() <= snapshot.version() ? this : new KnownExecution(state, position, other);
    }

    /**
     * Whether a snapshot is worth its size: since the last one the state has doubled, or the history has become three
     * times as long by at least twice as many events as the state has entries. The first rule bounds what is written
     * by twice the final state. The second bounds what is read again, by two thirds of the history or those events, and
     * adds one state for each time that a history which is much longer than its state triples. Of an erased execution
     * there is none.
     */
    boolean isSnapshotDue() {
        var events = state.version() - snapshot.version();
        return !state.erased()
                && events > MIN_SNAPSHOT_EVENTS
                && (state.estimatedBytes() >= 2 * snapshot.bytes()
                        || (events > 2L * state.entries() && state.version() >= 3 * snapshot.version()));
    }
}
