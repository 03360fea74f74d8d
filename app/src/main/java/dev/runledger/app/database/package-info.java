/** The two logins of the database and the wait for it at start-up. */
@NullMarked
package dev.runledger.app.database;

import org.jspecify.annotations.NullMarked;
