package dev.runledger.app.database;

import javax.sql.DataSource;

/**
 * The database as its owner sees it, for migrations. It exists only once the database answered both logins, so whatever
 * depends on it need not wait.
 *
 * @param dataSource opens one connection per call as the owner
 * @param applicationRole role of the application's login, to grant rights to
 * @param separate whether owner and application are two roles; where they are one, no right can be withheld from the
 *     application
 */
public record OwnerDatabase(DataSource dataSource, String applicationRole, boolean separate) {}
