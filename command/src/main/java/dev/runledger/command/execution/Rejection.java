package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.StepStatus;
import org.jspecify.annotations.Nullable;

/** Why the write side refused a command. Each case carries what the caller needs to react. */
public sealed interface Rejection {

    /** Where the execution stood when the command was refused. */
    record Standing(ExecutionId execution, ExecutionStatus status, long version) {}

    /** A refusal because of the state of an execution that exists. */
    sealed interface OfExisting extends Rejection {
        Standing standing();
    }

    /** No event names this execution, and the command cannot create it. */
    record UnknownExecution(ExecutionId execution) implements Rejection {}

    /** The command names a step, or an iteration of one, that must exist and does not. */
    record UnknownStep(
            ExecutionId execution, String stepId, @Nullable Integer iteration) implements Rejection {}

    /** The execution's contents were removed for good. */
    record Erased(ExecutionId execution) implements Rejection {}

    /**
     * The execution's status does not allow the command.
     *
     * @param command its name, as in {@code CompleteExecution}
     * @param detail what would have to be otherwise; null when the status says it all
     */
    record IllegalTransition(
            Standing standing, String command, @Nullable String detail) implements OfExisting {}

    /**
     * The step's status does not allow the command.
     *
     * @param stepStatus null when there is no such step
     */
    record IllegalStepTransition(
            Standing standing,
            String command,
            String stepId,
            int iteration,
            @Nullable StepStatus stepStatus) implements OfExisting {}

    /** The iteration is neither an existing one nor one that may begin. */
    record IllegalIteration(Standing standing, String command, String stepId, int iteration, int current)
            implements OfExisting {}

    /** The attempt is not the one that the state calls for: a late worker, or one too early. */
    record IllegalAttempt(
            Standing standing, String command, @Nullable String stepId, int attempt, int current)
            implements OfExisting {}

    /**
     * The same identity was recorded with other content.
     *
     * @param what the thing that exists, as in {@code step analyze (iteration 1)}
     */
    record ContentMismatch(Standing standing, String command, String what) implements OfExisting {}

    /** One more step would be open than an execution may have. */
    record TooManyOpenSteps(Standing standing, int limit) implements OfExisting {}

    /** The execution has another version than the command expects. */
    record VersionMismatch(Standing standing, long expected) implements OfExisting {}

    /** An earlier command of the same request was refused, and the request asked to stop there. */
    record StoppedByEarlierRefusal(ExecutionId execution) implements Rejection {}
}
