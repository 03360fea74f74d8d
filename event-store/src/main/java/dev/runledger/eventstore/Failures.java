package dev.runledger.eventstore;

import java.sql.SQLException;
import org.axonframework.eventsourcing.eventstore.EventStoreException;

/** What the log throws when its database fails. */
final class Failures {

    private Failures() {}

    /** The exception to throw for a failed reading. */
    static EventStoreException ofReading(Exception failure) {
        return DatabaseAway.isBehind(failure)
                ? new LogUnavailableException("the event log's database is not available", failure, false)
                : new EventStoreException("the event log could not be read", failure);
    }

    /** Whether the server refused with this SQLSTATE. */
    static boolean hasState(Throwable failure, String sqlState) {
        return DatabaseAway.causes(failure)
                .anyMatch(cause -> cause instanceof SQLException sql && sqlState.equals(sql.getSQLState()));
    }
}
