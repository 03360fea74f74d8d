/** What every stream shares: exact JSON values, their canonical hashes, and the stored names of events. */
@NullMarked
package dev.runledger.events;

import org.jspecify.annotations.NullMarked;
