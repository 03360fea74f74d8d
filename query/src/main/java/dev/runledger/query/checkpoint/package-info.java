/** The executors' own states: rows, and queries within one execution. */
@NullMarked
package dev.runledger.query.checkpoint;

import org.jspecify.annotations.NullMarked;
