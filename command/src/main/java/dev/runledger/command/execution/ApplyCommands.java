package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import java.util.List;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/**
 * What callers want of one execution, applied in order and appended together. The answer is an {@link AppliedCommands}.
 *
 * @param requests not empty
 */
public record ApplyCommands(@TargetAggregateIdentifier ExecutionId execution, List<Request> requests) {}
