/** What one agent is doing. */
@NullMarked
package dev.runledger.query.agent;

import org.jspecify.annotations.NullMarked;
