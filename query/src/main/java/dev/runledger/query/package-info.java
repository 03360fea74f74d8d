/** What every view shares: the read model's schema and position, the checks before a query, parameters, cursors. */
@NullMarked
package dev.runledger.query;

import org.jspecify.annotations.NullMarked;
