package dev.runledger.query.checkpoint;

import dev.runledger.events.execution.CheckpointView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import java.util.Collection;
import org.springframework.jdbc.core.JdbcTemplate;

/** The projection's side of {@code checkpoints}. */
public final class CheckpointProjection {

    private final JdbcTemplate jdbc;

    public CheckpointProjection(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** One row. */
    public record Row(ExecutionId execution, CheckpointView checkpoint) {}

    private static final Columns<Row> ROW = new Columns<Row>()
            .execution(Row::execution)
            .bigint(row -> row.checkpoint().version())
            .text(row -> row.checkpoint().content().checkpointId())
            .text(row -> row.checkpoint().content().stepId())
            .integer(row -> row.checkpoint().content().iteration())
            .json(row -> row.checkpoint().content().state())
            .time(row -> row.checkpoint().recordedAt());

    private static final String INSERT = """
            insert into checkpoints (
              namespace, execution_id, version, checkpoint_id, step_id, iteration, state, recorded_at)
            select r.namespace, r.execution_id, r.version, r.checkpoint_id, r.step_id, r.iteration, r.state::json,
              r.recorded_at
            from unnest(
              ?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::integer[], ?::text[], ?::timestamptz[]
            ) as r(namespace, execution_id, version, checkpoint_id, step_id, iteration, state, recorded_at)
            """;

    private static final String COPY = """
            copy checkpoints (
              namespace, execution_id, version, checkpoint_id, step_id, iteration, state, recorded_at)
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
                delete from checkpoints c
                using unnest(?::text[], ?::uuid[]) as r(namespace, execution_id)
                where c.namespace = r.namespace
                  and c.execution_id = r.execution_id
                """, executions);
    }
}
