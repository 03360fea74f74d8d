/** What every measured process uses: callers, their rates, and orders from the benchmark's own process. */
@NullMarked
package dev.runledger.benchmark.load;

import org.jspecify.annotations.NullMarked;
