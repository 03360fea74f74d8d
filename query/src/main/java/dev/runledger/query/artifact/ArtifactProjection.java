package dev.runledger.query.artifact;

import dev.runledger.events.execution.ArtifactView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** The projection's side of {@code artifacts}. */
public final class ArtifactProjection {

    private final JdbcTemplate jdbc;

    public ArtifactProjection(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One row.
     *
     * @param workflow the execution's
     */
    public record Row(ExecutionId execution, @Nullable String workflow, ArtifactView artifact) {}

    private static final Columns<Row> ROW = new Columns<Row>()
            .execution(Row::execution)
            .bigint(row -> row.artifact().version())
            .bigint(row -> row.artifact().position())
            .text(row -> row.artifact().content().artifactId())
            .text(Row::workflow)
            .text(row -> row.artifact().content().stepId())
            .integer(row -> row.artifact().content().iteration())
            .text(row -> row.artifact().content().type())
            .text(row -> row.artifact().content().name())
            .text(row -> row.artifact().content().uri())
            .text(row -> row.artifact().content().path())
            .bigint(row -> row.artifact().content().sizeBytes())
            .text(row -> row.artifact().content().contentType())
            .text(row -> row.artifact().content().sha256())
            .json(row -> row.artifact().content().metadata())
            .time(row -> row.artifact().recordedAt());

    private static final String INSERT = """
            insert into artifacts (
              namespace, execution_id, version, position, artifact_id, workflow, step_id, iteration, type, name, uri,
              path, size_bytes, content_type, sha256, metadata, recorded_at)
            select r.namespace, r.execution_id, r.version, r.position, r.artifact_id, r.workflow, r.step_id,
              r.iteration, r.type, r.name, r.uri, r.path, r.size_bytes, r.content_type, r.sha256,
              r.metadata::json, r.recorded_at
            from unnest(
              ?::text[], ?::uuid[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::integer[],
              ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[],
              ?::timestamptz[]
            ) as r(
              namespace, execution_id, version, position, artifact_id, workflow, step_id, iteration, type, name, uri,
              path, size_bytes, content_type, sha256, metadata, recorded_at)
            """;

    private static final String COPY = """
            copy artifacts (
              namespace, execution_id, version, position, artifact_id, workflow, step_id, iteration, type, name, uri,
              path, size_bytes, content_type, sha256, metadata, recorded_at)
            from stdin (format binary)
            """;

    /** Adds rows that are not there yet. */
    public void add(Collection<Row> rows) {
        ROW.insert(jdbc, INSERT, COPY, rows);
    }

    private static final Columns<ExecutionId> EXECUTION = new Columns<ExecutionId>().execution(id -> id);

    /** Removes every row of {@code executions}. */
    public void erase(Collection<ExecutionId> executions) {
        EXECUTION.update(jdbc, """
                delete from artifacts a
                using unnest(?::text[], ?::uuid[]) as r(namespace, execution_id)
                where a.namespace = r.namespace
                  and a.execution_id = r.execution_id
                """, executions);
    }
}
