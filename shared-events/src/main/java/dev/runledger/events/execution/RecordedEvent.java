package dev.runledger.events.execution;

import java.time.Instant;

/**
 * An event of an execution with its place in the log.
 *
 * @param version its number in the execution's stream, from 1
 * @param position its number in the whole log, from 1
 * @param occurredAt when the executor says it happened, to the microsecond
 * @param recordedAt when the log took it, to the microsecond; never earlier than the previous event's
 */
public record RecordedEvent(
        ExecutionId execution,
        long version,
        long position,
        Instant occurredAt,
        Instant recordedAt,
        ExecutionEvent event) {}
