package dev.runledger.command.execution;

import dev.runledger.events.execution.ExecutionId;

/** A command that was read and found well-formed, with the execution that it is for. */
public record ReceivedCommand(CommandName name, ExecutionId execution, Submission submission) {}
