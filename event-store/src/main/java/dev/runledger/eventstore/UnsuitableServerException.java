package dev.runledger.eventstore;

/** The PostgreSQL server, or how it is set up, cannot keep the log's promises. */
public final class UnsuitableServerException extends RuntimeException {

    UnsuitableServerException(String message) {
        super(message);
    }
}
