package dev.runledger.events.execution;

import java.time.Instant;

/**
 * Something that an execution produced, as people see it.
 *
 * @param version the number of its event in the execution's stream
 * @param position the place of its event in the log
 * @param recordedAt when the log took it
 * @param content what was recorded
 */
public record ArtifactView(long version, long position, Instant recordedAt, ExecutionEvent.ArtifactRecorded content) {}
