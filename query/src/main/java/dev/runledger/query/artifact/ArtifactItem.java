package dev.runledger.query.artifact;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An artifact in a list: everything but its metadata.
 *
 * @param version of its event; orders the list of one execution
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record ArtifactItem(
        @JsonIgnore long version,
        String artifactId,
        UUID executionId,
        @Nullable String stepId,
        @Nullable Integer iteration,
        String type,
        String name,
        @Nullable String uri,
        @Nullable String path,
        @Nullable Long sizeBytes,
        @Nullable String contentType,
        @Nullable String sha256,
        @Nullable String recordedAt) {

    /** The columns that {@link #read} needs, of the alias {@code e}. */
    static final String COLUMNS = """
            e.version, e.artifact_id, e.execution_id, e.step_id, e.iteration, e.type, e.name, e.uri, e.path,
            e.size_bytes, e.content_type, e.sha256, e.recorded_at, e.workflow""";

    static ArtifactItem read(ResultSet row, int number) throws SQLException {
        return new ArtifactItem(
                row.getLong("version"),
                row.getString("artifact_id"),
                row.getObject("execution_id", UUID.class),
                row.getString("step_id"),
                Columns.integer(row, "iteration"),
                row.getString("type"),
                row.getString("name"),
                row.getString("uri"),
                row.getString("path"),
                Columns.bigint(row, "size_bytes"),
                row.getString("content_type"),
                row.getString("sha256"),
                Columns.timeText(row, "recorded_at"));
    }

    /** What {@link #read} answers of the row of {@code artifact}. */
    static ArtifactItem of(ExecutionId execution, ArtifactView artifact) {
        var content = artifact.content();
        return new ArtifactItem(
                artifact.version(),
                content.artifactId(),
                execution.id(),
                content.stepId(),
                content.iteration(),
                content.type(),
                content.name(),
                content.uri(),
                content.path(),
                content.sizeBytes(),
                content.contentType(),
                content.sha256(),
                EventJson.format(artifact.recordedAt()));
    }
}
