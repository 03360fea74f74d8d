/** Batch ingest: many commands in one request, with bounded memory and results in line order. */
@NullMarked
package dev.runledger.command.batch;

import org.jspecify.annotations.NullMarked;
