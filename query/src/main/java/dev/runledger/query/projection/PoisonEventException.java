package dev.runledger.query.projection;

import java.io.Serial;

/**
 * An event that stops the projection, because it cannot become rows. Without the cause, whose message may quote the
 * event's contents: what can be said of it is in the message.
 */
class PoisonEventException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /** The event's place in the log. */
    final long position;

    PoisonEventException(long position, String what) {
        super("the event at position " + position + " " + what);
        this.position = position;
    }
}
