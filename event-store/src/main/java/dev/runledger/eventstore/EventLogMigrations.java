package dev.runledger.eventstore;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.flywaydb.core.Flyway;

/** Creates the schema {@code event_log} and brings it up to date; forward only. */
public final class EventLogMigrations {

    private static final String SCHEMA = "event_log";

    private EventLogMigrations() {}

    /**
     * Idempotent, and safe to run from several nodes at once.
     *
     * @param owner           the login that owns the schema; needs {@code create} on the database, and to
     *                        own the database for {@code applicationRole} to get the same
     * @param applicationRole the existing role that appends and reads; may be the owner's
     */
    public static void migrate(DataSource owner, String applicationRole) {
        migrate(owner, applicationRole, Set.of());
    }

    /**
     * As {@link #migrate(DataSource, String)}.
     *
     * @param erasureTypes the stored names of events that erase what is before them in their stream, see
     *                     {@link Erasure}; added to those of earlier calls
     */
    public static void migrate(DataSource owner, String applicationRole, Set<String> erasureTypes) {
        Flyway.configure()
                .dataSource(owner)
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .createSchemas(true)
                .table("migration")
                .locations("classpath:db/event_log")
                .placeholders(Map.of(
                        "applicationRole", quoted(applicationRole),
                        "database", quoted(database(owner)),
                        "erasureTypes", array(erasureTypes)))
                .load()
                .migrate();
    }

    private static String database(DataSource owner) {
        try (Connection connection = owner.getConnection()) {
            return connection.getCatalog();
        } catch (SQLException e) {
            throw DatabaseAway.isBehind(e)
                    ? new LogUnavailableException("the event log's database is not available", e, false)
                    : new EventStoreException("the event log's database could not be asked for its name", e);
        }
    }

    private static String array(Set<String> texts) {
        return texts.stream()
                .sorted()
                .map(text -> "'" + text.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "array[", "]"));
    }

    private static String quoted(String identifier) {
        if (identifier.isEmpty() || identifier.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no name for a role or database: '" + identifier + "'");
        }
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
