package dev.runledger.command.execution;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where a command was sent to, and what is known of it by that. */
sealed interface Address {

    /** To {@code /executions}: the command creates one. */
    record Collection() implements Address {}

    /**
     * To an execution or a part of it.
     *
     * @param stepId null when the path names no step
     */
    record Path(UUID executionId, @Nullable String stepId) implements Address {}

    /** To the batch: the line says everything itself. */
    record Line() implements Address {}

    default @Nullable UUID execution() {
        return this instanceof Path path ? path.executionId() : null;
    }

    default @Nullable String step() {
        return this instanceof Path path ? path.stepId() : null;
    }
}
