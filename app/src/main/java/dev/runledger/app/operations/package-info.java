/** Keeps the schema {@code operations} up to date. */
@NullMarked
package dev.runledger.app.operations;

import org.jspecify.annotations.NullMarked;
