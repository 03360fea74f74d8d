/** Drives the write side from inside the server's own process. Runs on the class path of the packaged server. */
@NullMarked
package dev.runledger.benchmark.ledger;

import org.jspecify.annotations.NullMarked;
