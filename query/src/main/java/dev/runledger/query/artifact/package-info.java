/** Artifacts: rows, and queries within one execution and across all. */
@NullMarked
package dev.runledger.query.artifact;

import org.jspecify.annotations.NullMarked;
