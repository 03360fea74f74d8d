package dev.runledger.query.projection;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * The connections of what is no request, so that requests keep theirs. All are of the login that owns
 * {@code read_model}.
 *
 * @param sessions opens a connection a call, for long work; closing it ends its session
 * @param live     keeps a connection for the projection, whose search path is {@code read_model} from its beginning: a
 *     server that is told another one in each transaction plans every statement anew (PostgreSQL 18 reports the change,
 *     and the driver drops what it has prepared)
 */
public record ReadModelConnections(DataSource sessions, HikariDataSource live) implements AutoCloseable {

    /** Transactions of the projection. */
    JdbcTransactionManager liveTransactions() {
        return new JdbcTransactionManager(live);
    }

    @Override
    public void close() {
        live.close();
    }
}
