package dev.runledger.query.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.CheckpointView;
import dev.runledger.events.execution.ExecutionId;
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
        String recordedAt) {

    /** What a list of the table answers of the row of {@code checkpoint}. */
    static CheckpointItem of(ExecutionId execution, CheckpointView checkpoint) {
        var content = checkpoint.content();
        return new CheckpointItem(
                content.checkpointId(),
                execution.id(),
                content.stepId(),
                content.iteration(),
                checkpoint.version(),
                EventJson.format(checkpoint.recordedAt()));
    }
}
