/** The read side on a real PostgreSQL. */
@NullMarked
package dev.runledger.query;

import org.jspecify.annotations.NullMarked;
