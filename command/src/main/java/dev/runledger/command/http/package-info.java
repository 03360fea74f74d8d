/** How request bodies are read, bounded and checked, and how what is wrong with them is said. */
@NullMarked
package dev.runledger.command.http;

import org.jspecify.annotations.NullMarked;
