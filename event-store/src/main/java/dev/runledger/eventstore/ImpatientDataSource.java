package dev.runledger.eventstore;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Gives out connections that break when the server says nothing for too long: a network that swallows everything
 * would keep their readers for hours. Takes no part in Spring's transactions.
 */
final class ImpatientDataSource extends DelegatingDataSource {

    private final int silenceMillis;

    ImpatientDataSource(DataSource target, Duration silence) {
        super(target);
        this.silenceMillis = Math.toIntExact(silence.toMillis());
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        try {
            connection.setNetworkTimeout(Runnable::run, silenceMillis);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }
}
