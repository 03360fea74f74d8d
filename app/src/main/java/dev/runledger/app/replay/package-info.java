/** The log folded into tables of their own, as a run of its own. */
@NullMarked
package dev.runledger.app.replay;

import org.jspecify.annotations.NullMarked;
