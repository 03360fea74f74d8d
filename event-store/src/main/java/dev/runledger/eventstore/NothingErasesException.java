package dev.runledger.eventstore;

import org.axonframework.eventsourcing.eventstore.EventStoreException;

/** A stream was to be erased that no event in the log erases. */
public final class NothingErasesException extends EventStoreException {

    NothingErasesException(StreamId stream) {
        super("no event of the stream " + stream + " erases it");
    }
}
