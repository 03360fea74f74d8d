package dev.runledger.eventstore;

/** The connection was lost while a group was being committed: it may be stored. */
final class OutcomeUnknownException extends Exception {

    private final LogWriter.Group group;

    OutcomeUnknownException(LogWriter.Group group, Throwable cause) {
        super(cause);
        this.group = group;
    }

    LogWriter.Group group() {
        return group;
    }
}
