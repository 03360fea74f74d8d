package dev.runledger.command.execution;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A command with what goes around it.
 *
 * @param occurredAt when it happened, by the executor's clock, to the microsecond
 * @param commandId names the command, so that it can be sent again; null when it has no name
 * @param expectedVersion the version that the execution must have; null when any will do
 * @param bytes of the text that it was read from
 */
public record Submission(
        ExecutionCommand command,
        Instant occurredAt,
        @Nullable String commandId,
        @Nullable Long expectedVersion,
        int bytes) {

    /** One that was not read from a text, and is small. */
    public Submission(
            ExecutionCommand command, Instant occurredAt, @Nullable String commandId, @Nullable Long expectedVersion) {
        this(command, occurredAt, commandId, expectedVersion, 0);
    }
}
