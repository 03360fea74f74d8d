package dev.runledger.command.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.runledger.events.execution.ExecutionStatus;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told of an accepted command.
 *
 * @param version of the execution, after the command
 * @param position of the execution's last event in the log
 * @param status the execution's
 * @param unchanged whether nothing was appended because it had been said before
 * @param step a {@link StepReceipt} for a step command, an array of them for an array, else absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"executionId", "version", "position", "status", "unchanged", "step"})
record CommandAnswer(
        UUID executionId,
        long version,
        long position,
        ExecutionStatus status,
        boolean unchanged,
        @Nullable Object step) {

    static CommandAnswer of(UUID executionId, Outcome.Accepted accepted, boolean array) {
        return new CommandAnswer(
                executionId,
                accepted.version(),
                accepted.position(),
                accepted.status(),
                accepted.unchanged(),
                step(accepted.steps(), array));
    }

    private static @Nullable Object step(List<StepReceipt> steps, boolean array) {
        if (array) {
            return steps;
        }
        return steps.isEmpty() ? null : steps.getFirst();
    }
}
