package dev.runledger.command.batch;

import dev.runledger.command.execution.ReceivedCommand;
import org.jspecify.annotations.Nullable;

/** A line between its reading and its result. */
final class Line {

    final long number;
    final int bytes;

    /** Null when the line could not be understood, and once it was applied. */
    @Nullable
    ReceivedCommand command;

    /** The line's result as JSON; null until there is one. */
    byte @Nullable [] result;

    Line(long number, int bytes, @Nullable ReceivedCommand command) {
        this.number = number;
        this.bytes = bytes;
        this.command = command;
    }
}
