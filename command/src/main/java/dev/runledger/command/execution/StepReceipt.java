package dev.runledger.command.execution;

import dev.runledger.events.execution.StepStatus;

/**
 * Where a step stands after a command, so that its worker knows its attempt.
 *
 * @param attempt the current attempt; 0 before the first
 */
public record StepReceipt(String stepId, int iteration, int attempt, StepStatus status) {}
