package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionStatus;
import java.util.List;

/** What became of one command. */
public sealed interface Outcome {

    /**
     * The command is in the log: appended by this request, or found there.
     *
     * @param version the execution's version after the command
     * @param position the place in the log of the execution's last event at that version
     * @param status the execution's
     * @param unchanged whether it had been said before, so that nothing was appended
     * @param steps for a step command, the step; for ScheduleSteps each in the order given; else empty
     */
    record Accepted(long version, long position, ExecutionStatus status, boolean unchanged, List<StepReceipt> steps)
            implements Outcome {}

    /** The command was refused and left nothing behind. */
    record Refused(Rejection rejection) implements Outcome {}
}
