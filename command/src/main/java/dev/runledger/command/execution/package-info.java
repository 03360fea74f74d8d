/** The write side of executions: what a command means in each state, and the way commands come in. */
@NullMarked
package dev.runledger.command.execution;

import org.jspecify.annotations.NullMarked;
