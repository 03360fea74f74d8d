/** Steps and their attempts: rows, and queries within one execution and across all. */
@NullMarked
package dev.runledger.query.step;

import org.jspecify.annotations.NullMarked;
