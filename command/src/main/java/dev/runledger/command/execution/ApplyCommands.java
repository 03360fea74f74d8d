package dev.runledger.command.execution;

import dev.runledger.command.execution.ExecutionCommand.ScheduleExecution;
import dev.runledger.command.execution.ExecutionCommand.StartExecution;
import dev.runledger.events.execution.ExecutionId;
import java.util.List;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/**
 * What callers want of one execution, applied in order and appended together. The answer is an {@link AppliedCommands}.
 *
 * @param requests    not empty
 * @param takenForNew whether an execution that this node does not know is taken for one that does not exist, without
 *     a look at the log, which refuses the append when it does
 * @param attempt     1 unless writers of other nodes have overtaken them before
 */
public record ApplyCommands(
        @TargetAggregateIdentifier ExecutionId execution, List<Request> requests, boolean takenForNew, int attempt) {

    /** Those of an execution that is looked for in the log. */
    public ApplyCommands(ExecutionId execution, List<Request> requests) {
        this(execution, requests, 1);
    }

    ApplyCommands(ExecutionId execution, List<Request> requests, int attempt) {
        this(execution, requests, false, attempt);
    }

    /** Those of an execution that most likely does not exist when the first of them creates one. */
    static ApplyCommands likely(ExecutionId execution, List<Request> requests) {
        var first = requests.getFirst().submissions().getFirst().command();
        return new ApplyCommands(
                execution, requests, first instanceof StartExecution || first instanceof ScheduleExecution, 1);
    }
}
