package dev.runledger.query.artifact;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** An artifact with its metadata, as part of one execution's answer. */
public record ArtifactAnswer(@JsonUnwrapped ArtifactItem item, Json metadata) {

    private static final Json EMPTY_OBJECT = Json.of("{}");

    /** The columns that {@link #read} needs, of the alias {@code e}. */
    static final String COLUMNS = ArtifactItem.COLUMNS + ", e.metadata";

    static ArtifactAnswer read(ResultSet row, int number) throws SQLException {
        return new ArtifactAnswer(ArtifactItem.read(row, number), Columns.json(row, "metadata", EMPTY_OBJECT));
    }

    static ArtifactAnswer of(ExecutionId execution, ArtifactView artifact) {
        return new ArtifactAnswer(
                ArtifactItem.of(execution, artifact),
                Objects.requireNonNullElse(artifact.content().metadata(), EMPTY_OBJECT));
    }
}
