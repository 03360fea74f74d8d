package dev.runledger.app.database;

import com.zaxxer.hikari.HikariDataSource;

/**
 * The connections of the log's writer.
 *
 * @param appends for appends alone, as the application's login
 */
public record LogConnections(HikariDataSource appends) implements AutoCloseable {

    @Override
    public void close() {
        appends.close();
    }
}
