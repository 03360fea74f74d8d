package dev.runledger.events.execution;

/**
 * The content of a body that scheduled or started an execution.
 *
 * @param fields of the execution
 * @param steps hash of the ids of the steps scheduled with it; 0 for none
 */
public record StartContent(FieldHashes fields, long steps) {}
