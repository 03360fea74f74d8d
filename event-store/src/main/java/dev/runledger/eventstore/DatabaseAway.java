package dev.runledger.eventstore;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/**
 * Tells a database that is away, so that the same call may succeed later, from one that refused what it was asked.
 *
 * <p>Away is a server or connection that is not there or is lost, no connection or lock to be had in time, a server
 * without room for more, and one that takes no writes since it became a standby.
 */
public final class DatabaseAway {

    private static final int MAX_CAUSES = 32;

    /** What HikariCP's connections say, without a state, once it has seen the connection break. */
    private static final String BROKEN_BEFORE = "Connection is closed";

    private DatabaseAway() {}

    /** Whether the failure or one of its causes says so, be it JDBC's, Spring's or the log's own. */
    public static boolean isBehind(Throwable failure) {
        return causes(failure).anyMatch(cause -> switch (cause) {
            case LogUnavailableException e -> true;
            case SQLTransientConnectionException e -> true;
            case SQLNonTransientConnectionException e -> true;
            case SQLRecoverableException e -> true;
            case SQLException e -> isAway(e);
            case CannotGetJdbcConnectionException e -> true;
            case CannotCreateTransactionException e -> true;
            case DataAccessResourceFailureException e -> !hasState(e);
            case TransactionSystemException e -> isBehindOverridden(e.getApplicationException());
            default -> false;
        });
    }

    private static boolean isAway(SQLException failure) {
        String state = failure.getSQLState();
        if (state == null) {
            return BROKEN_BEFORE.equals(failure.getMessage());
        }
        return state.startsWith("08") // connection exceptions
                || state.startsWith("53") // no room: disk, memory, connections
                || state.startsWith("57P") // shut down, crashed, starting, database dropped, idle for too long
                || state.equals("25006") // read only: the server became a standby
                || state.equals("25P03") // ended by the server, as it was silent in a transaction
                || state.equals("25P04") // ended by the server, as the transaction took too long
                || state.equals("55P03"); // the lock was not to be had in time
    }

    /** Spring takes more states for this than are ours, such as "program limit exceeded": with one, that decides. */
    private static boolean hasState(Throwable failure) {
        return causes(failure).anyMatch(cause -> cause instanceof SQLException e && e.getSQLState() != null);
    }

    /** What failed first, when the rollback failed too. */
    private static boolean isBehindOverridden(@Nullable Throwable failure) {
        return failure != null && isBehind(failure);
    }

    /** The failure, its cause, and so on; not without end. */
    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(MAX_CAUSES);
    }
}
