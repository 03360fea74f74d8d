package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import java.util.List;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/**
 * Commands of one execution, applied in order and appended together. The answer is an {@link AppliedCommands}.
 *
 * @param submissions not empty
 * @param stopAtRefusal whether the commands after a refused one are refused too
 */
public record ApplyCommands(
        @TargetAggregateIdentifier ExecutionId execution, List<Submission> submissions, boolean stopAtRefusal) {}
