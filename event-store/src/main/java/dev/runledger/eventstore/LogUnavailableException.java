package dev.runledger.eventstore;

import org.axonframework.eventsourcing.eventstore.EventStoreException;

/**
 * The database cannot be reached, no connection or the head row was free in time, too many appends wait, or the log
 * is closed: the same call may succeed later.
 */
public final class LogUnavailableException extends EventStoreException {

    private final boolean outcomeUnknown;

    LogUnavailableException(String message) {
        super(message);
        this.outcomeUnknown = false;
    }

    LogUnavailableException(String message, Throwable cause, boolean outcomeUnknown) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    /**
     * Whether an append may have been stored although it was not confirmed: the connection was lost
     * while committing. False means that nothing was stored.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
