package dev.runledger.command.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.StreamHead;
import java.util.Optional;

/**
 * The executions that this node knows, as many as fit. What is known is never wrong, as only what is durable enters,
 * but it may be old: another node may have written since.
 */
final class ExecutionStates {

    private final ExecutionReader reader;
    private final SnapshotWriter snapshots;
    private final Cache<ExecutionId, KnownExecution> known;

    /** @param maxBytes of memory that all of them take, as {@code ExecutionState} estimates it */
    ExecutionStates(ExecutionReader reader, SnapshotWriter snapshots, long maxBytes) {
        this.reader = reader;
        this.snapshots = snapshots;
        this.known = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((ExecutionId id, KnownExecution execution) -> weight(execution))
                .recordStats()
                .build();
    }

    private static int weight(KnownExecution execution) {
        return (int) Math.min(Integer.MAX_VALUE, execution.state().estimatedBytes());
    }

    /** The execution, from memory or else from the log. */
    FoundExecution find(ExecutionId execution) {
        var there = known.getIfPresent(execution);
        if (there != null) {
            return new FoundExecution(there, false);
        }
        var read = reader.read(execution);
        learn(execution, read);
        return new FoundExecution(read, true);
    }

    /** The execution from memory, or else one that does not exist, for all that this node knows. */
    FoundExecution findOrNew(ExecutionId execution) {
        var there = known.getIfPresent(execution);
        return new FoundExecution(there == null ? KnownExecution.NONE : there, false);
    }

    /** Takes what the execution has become by an append that is durable. */
    void appended(ExecutionId execution, KnownExecution after) {
        learn(execution, after);
    }

    /**
     * Whether {@code seen} is still the execution's last event. If not, what is known of it is brought up to date, so
     * that the next decision is about the execution as it was during this call.
     */
    boolean isCurrent(ExecutionId execution, StreamHead seen) {
        var head = reader.head(execution);
        if (head.equals(Optional.of(seen))) {
            return true;
        }
        catchUp(execution, head);
        return false;
    }

    /** Brings what is known of the execution up to date, after the log has shown that it is not. */
    void catchUp(ExecutionId execution) {
        catchUp(execution, reader.head(execution));
    }

    private void catchUp(ExecutionId execution, Optional<StreamHead> head) {
        var there = known.getIfPresent(execution);
        if (there != null && head.equals(Optional.of(there.head()))) {
            // Nothing is missing: the stream was another writer's for a moment.
            return;
        }
        // A log that has gone back to an earlier state was put there by its operators: nothing known holds.
        known.invalidate(execution);
        if (there != null
                && head.isPresent()
                && head.get().version() > there.state().version()) {
            learn(execution, reader.readOn(execution, there));
        }
    }

    private void learn(ExecutionId execution, KnownExecution newer) {
        if (newer.state().version() == 0) {
            return;
        }
        var now = known.asMap().merge(execution, newer, ExecutionStates::newer);
        if (now.isSnapshotDue()) {
            snapshots.write(
                    execution,
                    now,
                    newest -> known.asMap().computeIfPresent(execution, (id, there) -> there.with(newest)));
        }
    }

    private static KnownExecution newer(KnownExecution one, KnownExecution other) {
        return one.state().version() > other.state().version()
                ? one.with(other.snapshot())
                : other.with(one.snapshot());
    }

    /** How many executions have been dropped for want of room. */
    long evictions() {
        return known.stats().evictionCount();
    }

    /** How many executions are known. */
    long size() {
        return known.estimatedSize();
    }

    /** About how many bytes of memory they take. */
    long estimatedBytes() {
        return known.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }
}
