/** The baseline for reads: the ledger's own tables by Spring Data JPA, in a process of its own. */
@NullMarked
package dev.runledger.benchmark.jpa;

import org.jspecify.annotations.NullMarked;
