package dev.runledger.eventstore;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away from a fault. */
final class Failures {

    private Failures() {}

    /** The exception to throw for a failed reading. */
    static EventStoreException ofReading(Exception failure) {
        return isUnavailable(failure)
                ? new LogUnavailableException("the event log's database is not available", failure, false)
                : new EventStoreException("the event log could not be read", failure);
    }

    /** Whether the failure, or a cause of it, says that the server or a connection to it was not there. */
    static boolean isUnavailable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof SQLTransientConnectionException || cause instanceof SQLRecoverableException) {
                return true;
            }
            if (cause instanceof SQLException sql && isUnavailable(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the server refused with this SQLSTATE. */
    static boolean hasState(Throwable failure, String sqlState) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof SQLException sql && sqlState.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUnavailable(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.startsWith("08") // connection exceptions
                        || sqlState.startsWith(
                                "57P") // shut down, crashed, starting, database dropped, idle for too long
                        || sqlState.equals("53300") // too many connections
                        || sqlState.equals("25P03") // ended by the server, as it was silent in a transaction
                        || sqlState.equals("25006")); // read only: the server became a standby
    }

    private static @Nullable Throwable next(Throwable cause) {
        return cause.getCause() == cause ? null : cause.getCause();
    }
}
