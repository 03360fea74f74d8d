package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionEvent;
import java.util.List;

/** What a command leads to. */
sealed interface Decision {

    /** The command was said before: nothing to append. */
    record Repeat() implements Decision {}

    /** The events to append, in order; never empty. */
    record Append(List<ExecutionEvent> events) implements Decision {}

    record Refuse(Rejection rejection) implements Decision {}
}
