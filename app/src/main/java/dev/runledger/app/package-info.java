/** The server: what starts it and wires the modules. */
@NullMarked
package dev.runledger.app;

import org.jspecify.annotations.NullMarked;
