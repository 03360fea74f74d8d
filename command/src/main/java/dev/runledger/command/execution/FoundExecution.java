package dev.runledger.command.execution;

/**
 * What commands are decided from.
 *
 * @param readNow whether the log was read for these commands; else another node may have written meanwhile
 */
record FoundExecution(KnownExecution execution, boolean readNow) {}
