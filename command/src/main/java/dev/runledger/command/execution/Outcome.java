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
     * @param effect what it did
     * @param steps for a step command, the step; for ScheduleSteps each in the order given; else empty
     */
    record Accepted(long version, long position, ExecutionStatus status, Effect effect, List<StepReceipt> steps)
            implements Outcome {

        /** Whether it had been said before, so that nothing was appended. */
        public boolean unchanged() {
            return effect == Effect.UNCHANGED;
        }
    }

    /** What a command that is in the log did. */
    enum Effect {
        /** It appended the first events of its execution. */
        CREATED,
        APPENDED,
        /** It had been said before: nothing was appended. */
        UNCHANGED
    }

    /** The command was refused and left nothing behind. */
    record Refused(Rejection rejection) implements Outcome {}
}
