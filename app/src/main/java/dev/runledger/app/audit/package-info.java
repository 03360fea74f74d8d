/** Proof that the log is what was written: over HTTP, and as a run of its own. */
@NullMarked
package dev.runledger.app.audit;

import org.jspecify.annotations.NullMarked;
