package dev.runledger.app.database;

import dev.runledger.app.startup.StartRefused;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a database says of itself and of the login that asks.
 *
 * @param version PostgreSQL's {@code server_version_num}, such as 180006
 * @param role the login's role
 */
record Greeting(int version, String role) {

    static final int OLDEST_MAJOR = 15;
    static final int NEWEST_MAJOR = 18;
    private static final Logger log = LoggerFactory.getLogger(Greeting.class);

    static Greeting from(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select current_setting('server_version_num')::int as version, current_user as role")) {
            row.next();
            return new Greeting(row.getInt("version"), row.getString("role"));
        }
    }

    /** @throws StartRefused if the database is older than the oldest supported version; a newer one is only logged */
    void requireKnownVersion() {
        int major = version / 10_000;
        if (major < OLDEST_MAJOR) {
            throw new StartRefused("The database is PostgreSQL " + major + ", Runledger needs " + OLDEST_MAJOR + " to "
                    + NEWEST_MAJOR + ".");
        }
        if (major > NEWEST_MAJOR) {
            log.warn(
                    "The database is PostgreSQL {}, newer than the versions Runledger is tested with ({} to {})",
                    major,
                    OLDEST_MAJOR,
                    NEWEST_MAJOR);
        }
    }
}
