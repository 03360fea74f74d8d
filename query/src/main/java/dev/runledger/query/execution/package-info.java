/** Executions: their rows, and the queries for one and for lists. */
@NullMarked
package dev.runledger.query.execution;

import org.jspecify.annotations.NullMarked;
