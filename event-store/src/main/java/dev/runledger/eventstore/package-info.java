/**
 * An ordered, tamper-evident event log on PostgreSQL, as Axon's storage engine.
 *
 * <p>It knows streams, positions, bytes and metadata, and nothing of the domain that they come from.
 */
@NullMarked
package dev.runledger.eventstore;

import org.jspecify.annotations.NullMarked;
