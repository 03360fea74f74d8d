package dev.runledger.query.checkpoint;

import dev.runledger.events.Json;
import dev.runledger.query.PartKey;
import dev.runledger.query.TimeText;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A row of {@code checkpoints}; written by {@link CheckpointProjection} alone. */
@Entity
@Immutable
@IdClass(PartKey.class)
@Table(schema = "read_model", name = "checkpoints")
@SuppressWarnings("NullAway.Init")
class ExecutionCheckpoint {

    @Id
    private String namespace;

    @Id
    private UUID executionId;

    @Id
    private long version;

    private String checkpointId;
    private @Nullable String stepId;
    private @Nullable Integer iteration;
    private Json state;

    @Convert(converter = TimeText.class)
    private String recordedAt;

    protected ExecutionCheckpoint() {}

    CheckpointAnswer answer() {
        return new CheckpointAnswer(
                new CheckpointItem(checkpointId, executionId, stepId, iteration, version, recordedAt), state, null);
    }
}
