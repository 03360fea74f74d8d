/** The log itself, as people read it. */
@NullMarked
package dev.runledger.query.event;

import org.jspecify.annotations.NullMarked;
