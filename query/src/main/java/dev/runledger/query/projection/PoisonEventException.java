package dev.runledger.query.projection;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An event that stops the projection, because it cannot become rows. */
class PoisonEventException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /** The event's place in the log. */
    final long position;

    PoisonEventException(long position, String what) {
        this(position, what, null);
    }

    PoisonEventException(long position, String what, @Nullable Throwable cause) {
        super("the event at position " + position + " " + what, cause);
        this.position = position;
    }
}
