package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.eventstore.VersionConflict;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/** The attempts of one thread to append to an execution that writers of other nodes append to at the same time. */
final class Race {

    /** How often commands are decided at most. */
    static final int ATTEMPTS = 30;

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(32);

    private final ExecutionId execution;
    private final long began = System.nanoTime();
    private int attempt = 1;
    private int lost;
    private boolean leased;

    Race(ExecutionId execution) {
        this.execution = execution;
    }

    /** 1 for the first; one that another writer's lease has kept out does not count. */
    int attempt() {
        return attempt;
    }

    /**
     * Waits until the next attempt has prospects.
     *
     * @throws ConcurrencyException when that was the last one
     */
    void lost(RuntimeException failure) {
        var conflict = failure.getCause() instanceof VersionConflict known ? known : null;
        if (conflict == null || !conflict.isLeftToAnother()) {
            attempt++;
        }
        if (attempt > ATTEMPTS || System.nanoTime() - began > LONGEST_NANOS) {
            throw new ConcurrencyException("other writers of " + execution + " came first", failure);
        }
        lost++;
        if (lost > 1 && !isNext(conflict)) {
            stepAside();
        }
    }

    /** Whether this node has the next turn. Not twice in a row: a node of older code knows no turns. */
    private boolean isNext(@Nullable VersionConflict conflict) {
        var before = leased;
        leased = conflict != null && conflict.isLeased();
        return leased && !before;
    }

    /** For a random time, so that two nodes fall out of step, of which one would come second for ever. */
    private void stepAside() {
        var longest = Math.min(FIRST_WAIT_NANOS << Math.min(lost, 10), LAST_WAIT_NANOS);
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest));
    }
}
