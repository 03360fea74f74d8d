package dev.runledger.events.execution;

/** Where one iteration of a step stands. */
public enum StepStatus {
    PENDING,
    RUNNING,
    RETRYING,
    COMPLETED,
    FAILED,
    SKIPPED,
    CANCELLED,
    TIMED_OUT;

    /** Whether the step may still change without its execution being retried. */
    public boolean open() {
        return switch (this) {
            case PENDING, RUNNING, RETRYING -> true;
            case COMPLETED, FAILED, SKIPPED, CANCELLED, TIMED_OUT -> false;
        };
    }
}
