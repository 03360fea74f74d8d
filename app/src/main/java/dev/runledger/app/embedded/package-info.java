/** The PostgreSQL server that Runledger brings along and keeps in its data folder. */
@NullMarked
package dev.runledger.app.embedded;

import org.jspecify.annotations.NullMarked;
