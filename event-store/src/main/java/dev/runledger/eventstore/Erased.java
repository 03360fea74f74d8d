package dev.runledger.eventstore;

/**
 * What Axon's readers get in place of a payload that was erased.
 *
 * @param type     the stored name of the event's type
 * @param revision of the type's format
 */
public record Erased(String type, int revision) {}
