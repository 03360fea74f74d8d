/** A PostgreSQL for tests, of this module and of those that use the log. */
@NullMarked
package dev.runledger.eventstore.testing;

import org.jspecify.annotations.NullMarked;
