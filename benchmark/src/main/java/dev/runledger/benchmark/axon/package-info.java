/** The baseline: executions in Axon's default set-up, its JPA engine on the same PostgreSQL, in a process of its own. */
@NullMarked
package dev.runledger.benchmark.axon;

import org.jspecify.annotations.NullMarked;
