package dev.runledger.query;

import java.util.UUID;

/**
 * Which artifact or checkpoint of which execution.
 *
 * @param version of the event that recorded it
 */
public record PartKey(String namespace, UUID executionId, long version) {}
