/** Puts the event log under Axon. */
@NullMarked
package dev.runledger.app.log;

import org.jspecify.annotations.NullMarked;
