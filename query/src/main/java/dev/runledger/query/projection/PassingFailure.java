package dev.runledger.query.projection;

import dev.runledger.eventstore.DatabaseAway;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/** Tells failures that say nothing about what was asked for, so that trying again later may help, from those that do. */
final class PassingFailure {

    private static final int MOST_CAUSES = 32;

    private PassingFailure() {}

    /** Whether the database is away, a lock was not to be had, or two transactions were in each other's way. */
    static boolean is(Throwable failure) {
        return DatabaseAway.isBehind(failure)
                || causes(failure).stream()
                        .anyMatch(cause -> cause instanceof TransientDataAccessException
                                || cause instanceof RecoverableDataAccessException
                                || cause instanceof TransactionException);
    }

    /** Whether nothing but a lock was missing: the connection is as good as before. */
    static boolean isLock(Throwable failure) {
        return causes(failure).stream()
                .anyMatch(cause -> cause instanceof SQLException sql
                        && ("55P03".equals(sql.getSQLState()) || "40P01".equals(sql.getSQLState())));
    }

    /**
     * What may be logged of a failure: the classes of it and its causes, with SQL states. Messages, of the database and
     * of parsers alike, quote what they stumbled over, which may have to be erased one day.
     */
    static String told(Throwable failure) {
        var told = new StringBuilder();
        for (var cause : causes(failure)) {
            told.append(told.isEmpty() ? "" : ", by ").append(cause.getClass().getSimpleName());
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                told.append(' ').append(sql.getSQLState());
            }
        }
        var trace = causes(failure).getLast().getStackTrace();
        for (var frame : trace) {
            if (frame.getClassName().startsWith("dev.runledger.")) {
                return told.append(" at ").append(frame).toString();
            }
        }
        return told.toString();
    }

    private static List<Throwable> causes(Throwable failure) {
        var causes = new ArrayList<Throwable>();
        for (var cause = failure; cause != null && causes.size() < MOST_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
