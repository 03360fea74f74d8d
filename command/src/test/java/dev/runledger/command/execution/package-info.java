@NullMarked
package dev.runledger.command.execution;

import org.jspecify.annotations.NullMarked;
