package dev.runledger.query.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A checkpoint with its state. */
record CheckpointAnswer(@JsonUnwrapped Item item, Json state) {

    /** A checkpoint in a list: everything but its state. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Item(
            String checkpointId,
            UUID executionId,
            @Nullable String stepId,
            @Nullable Integer iteration,
            long version,
            @Nullable String recordedAt) {

        static Item read(ResultSet row, int number) throws SQLException {
            return new Item(
                    row.getString("checkpoint_id"),
                    row.getObject("execution_id", UUID.class),
                    row.getString("step_id"),
                    Columns.integer(row, "iteration"),
                    row.getLong("version"),
                    Columns.timeText(row, "recorded_at"));
        }
    }

    static CheckpointAnswer read(ResultSet row, int number) throws SQLException {
        return new CheckpointAnswer(Item.read(row, number), Json.of(row.getString("state")));
    }
}
