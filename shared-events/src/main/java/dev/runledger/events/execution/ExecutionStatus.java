package dev.runledger.events.execution;

/** Where an execution stands. */
public enum ExecutionStatus {
    PENDING,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED,
    TIMED_OUT;

    /** Whether the execution has ended; a failed, cancelled or timed-out one may be retried. */
    public boolean ended() {
        return switch (this) {
            case PENDING, RUNNING -> false;
            case COMPLETED, FAILED, CANCELLED, TIMED_OUT -> true;
        };
    }
}
