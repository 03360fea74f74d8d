/** Time travel: what an execution was, folded from the first of its events. */
@NullMarked
package dev.runledger.query.past;

import org.jspecify.annotations.NullMarked;
