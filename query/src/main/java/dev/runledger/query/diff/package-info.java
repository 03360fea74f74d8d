/** What differs between two pasts of an execution, and between two executions. */
@NullMarked
package dev.runledger.query.diff;

import org.jspecify.annotations.NullMarked;
