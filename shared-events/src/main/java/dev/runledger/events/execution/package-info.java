/** The events of an execution, and the two folds over them: what deciding needs, and what people see. */
@NullMarked
package dev.runledger.events.execution;

import org.jspecify.annotations.NullMarked;
