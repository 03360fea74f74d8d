/** Starts the packaged server, drives it as clients would, and prints what it does in a second beside a baseline. */
@NullMarked
package dev.runledger.benchmark;

import org.jspecify.annotations.NullMarked;
