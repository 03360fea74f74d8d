package dev.runledger.query.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A checkpoint in a list: everything but its state. */
@JsonInclude(JsonInclude.Include.ALWAYS)
record CheckpointItem(
        String checkpointId,
        UUID executionId,
        @Nullable String stepId,
        @Nullable Integer iteration,
        long version,
        String recordedAt) {}
