package dev.runledger.benchmark;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The one PostgreSQL server that everybody is measured on, each in a database of its own: durable, with the settings of
 * the ledger's embedded server, and two logins as the ledger has them.
 */
final class Postgres implements AutoCloseable {

    private static final String SUPERUSER = "postgres";
    private static final String OWNER = "runledger_owner";
    private static final String APPLICATION = "runledger";

    private final EmbeddedPostgres server;

    /** One for each database that was asked something. */
    private final Map<String, Connection> connections = new HashMap<>();

    private Postgres(EmbeddedPostgres server) {
        this.server = server;
    }

    /** @param log where the server's own words go */
    static Postgres start(Path log) throws IOException, SQLException {
        var postgres = new Postgres(EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("max_connections", "400")
                .setServerConfig("timezone", "UTC")
                .setServerConfig("log_checkpoints", "off")
                .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                .setServerConfig("compute_query_id", "on")
                .setOutputRedirector(Redirect.appendTo(log.toFile()))
                .setErrorRedirector(Redirect.appendTo(log.toFile()))
                .start());
        postgres.countStatements(false);
        postgres.execute(SUPERUSER, "create role runledger_owner login");
        postgres.execute(SUPERUSER, "create role runledger login");
        return postgres;
    }

    /** Whether {@code pg_stat_statements} counts; takes effect in every session with its next statement. */
    void countStatements(boolean on) throws SQLException {
        execute(SUPERUSER, "alter system set pg_stat_statements.track = " + (on ? "top" : "none"));
        execute(SUPERUSER, "select pg_reload_conf()");
    }

    /** Makes a database for the ledger and tells the server's arguments for it. */
    List<String> ledgerDatabase(String name) throws SQLException {
        create(name);
        execute(SUPERUSER, "alter database " + name + " owner to runledger_owner");
        execute(SUPERUSER, "grant connect, temporary, create on database " + name + " to runledger");
        return List.of(
                "--spring.datasource.url=" + url(name),
                "--spring.datasource.username=" + APPLICATION,
                "--spring.datasource.password=trusted",
                "--runledger.owner.username=" + OWNER,
                "--runledger.owner.password=trusted");
    }

    /** Makes a database for a baseline, in place of what a start that failed has left. */
    void create(String name) throws SQLException {
        execute(SUPERUSER, "drop database if exists " + name + " with (force)");
        execute(SUPERUSER, "create database " + name);
    }

    /** A Spring Boot application's arguments to use a database as its owner. */
    List<String> arguments(String database) {
        return List.of(
                "--spring.datasource.url=" + url(database),
                "--spring.datasource.username=" + SUPERUSER,
                "--spring.datasource.password=trusted");
    }

    private String url(String database) {
        return server.getJdbcUrl(SUPERUSER, database).replaceFirst("\\?.*", "");
    }

    /** A connection that may do everything, in auto-commit. */
    Connection superuser(String database) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("reWriteBatchedInserts", "true");
        return DriverManager.getConnection(url(database), properties);
    }

    /** One number that a query answers. */
    long number(String database, String sql) throws SQLException {
        try (var statement = connection(database).createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** One text that a query answers. */
    String text(String sql) throws SQLException {
        try (var statement = connection(SUPERUSER).createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    void execute(String database, String sql) throws SQLException {
        execute(connection(database), sql);
    }

    private Connection connection(String database) throws SQLException {
        var known = connections.get(database);
        if (known == null) {
            known = superuser(database);
            connections.put(database, known);
        }
        return known;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        for (var connection : connections.values()) {
            connection.close();
        }
        server.close();
    }
}
