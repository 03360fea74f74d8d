package dev.runledger.query.execution;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import dev.runledger.query.Gathering;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadConnections;
import dev.runledger.query.Reads;
import dev.runledger.query.RowWeight;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the rows of single executions, those of requests that come at once with one statement. */
@Component
class ExecutionRows {

    private static final Json EMPTY_OBJECT = Json.of("{}");

    /** What is heavier than this is read alone, so that a statement for all does not take more than a page does. */
    private static final long LIGHT = PageOf.BYTES / Gathering.MOST;

    /**
     * The range and its order leave the primary key as the one index that will do: for an equality the planner takes any
     * that has both columns while the table is empty, and keeps to it for a while when it is not.
     */
    private static final String SQL = """
            select e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, e.status, e.attempt, e.version,
              e.position, e.agent_id, e.customer_id, e.external_id, e.parent_execution_id, e.parent_step_id,
              case when w.light then e.tags end as tags,
              case when w.light then e.error_message end as error_message, e.error_type,
              case when w.light then e.error_stack_trace end as error_stack_trace,
              case when w.light then e.error_details end as error_details,
              e.created_at, e.started_at, e.ended_at, e.duration_ms, e.clock_skew, e.deadline_at, e.iterations,
              e.step_counts, e.artifact_count, e.erased,
              case when w.light then e.metadata end as metadata,
              case when w.light then e.input end as input,
              case when w.light then e.output end as output,
              case when w.light then e.current_state end as current_state,
              w.light
            from unnest(:namespaces, :ids) as k(namespace, id)
            cross join lateral (
              select x.*, (
                  select c.state
                  from read_model.checkpoints c
                  where (c.namespace, c.execution_id) >= (x.namespace, x.execution_id)
                    and (c.namespace, c.execution_id) <= (x.namespace, x.execution_id)
                  order by c.namespace desc, c.execution_id desc, c.version desc
                  limit 1
                ) as current_state
              from read_model.executions x
              where (x.namespace, x.execution_id) >= (k.namespace, k.id)
                and (x.namespace, x.execution_id) <= (k.namespace, k.id)
              order by x.namespace, x.execution_id
              limit 1
            ) e
            cross join lateral (
              select %s <= :light as light
              offset 0
            ) w
            """.formatted(RowWeight.of(
            "e",
            List.of(
                    "tags",
                    "error_message",
                    "error_stack_trace",
                    "error_details",
                    "metadata",
                    "input",
                    "output",
                    "current_state")));

    private final JdbcClient jdbc;
    private final Reads reads;
    private final Gathering<ExecutionId, Row> together;

    ExecutionRows(ReadConnections connections, Reads reads) {
        this.jdbc = connections.client();
        this.reads = reads;
        this.together = reads.gathering(ids -> read(ids, LIGHT));
    }

    /**
     * What was found at an id.
     *
     * @param found null where there is nothing, or nothing was read
     */
    private record Row(@Nullable Found found, boolean heavy) {}

    private static final Row NONE = new Row(null, false);
    private static final Row HEAVY = new Row(null, true);

    /** A row of an execution, with its latest checkpoint's state. */
    record Found(
            ExecutionItem item,
            Json metadata,
            @Nullable Json input,
            @Nullable Json output,
            @Nullable Json currentState,
            boolean erased) {}

    /**
     * The row of the execution {@code id}; empty when there is none.
     *
     * @throws QueryProblem when the tables are not there, or too much is asked
     */
    Optional<Found> find(ExecutionId id) {
        var row = together.ask(id);
        if (row.heavy()) {
            row = reads.ofTables(() -> read(List.of(id), Long.MAX_VALUE)).getFirst();
        }
        return Optional.ofNullable(row.found());
    }

    /** The rows of {@code ids}, in their order; of those of more than {@code light} bytes only that they are. */
    private List<Row> read(List<ExecutionId> ids, long light) {
        var rows = jdbc.sql(SQL)
                .param("namespaces", ids.stream().map(ExecutionId::namespace).toArray(String[]::new))
                .param("ids", ids.stream().map(ExecutionId::id).toArray(UUID[]::new))
                .param("light", light)
                .query((ResultSetExtractor<Map<ExecutionId, Row>>) ExecutionRows::rows);
        return ids.stream().map(id -> rows.getOrDefault(id, NONE)).toList();
    }

    private static Map<ExecutionId, Row> rows(ResultSet row) throws SQLException {
        var rows = new HashMap<ExecutionId, Row>();
        while (row.next()) {
            var id = new ExecutionId(row.getString(2), row.getObject(1, UUID.class));
            rows.put(id, row.getBoolean("light") ? new Row(found(row), false) : HEAVY);
        }
        return rows;
    }

    private static Found found(ResultSet row) throws SQLException {
        return new Found(
                ExecutionItem.read(row, 0),
                Columns.json(row, "metadata", EMPTY_OBJECT),
                Columns.json(row, "input"),
                Columns.json(row, "output"),
                Columns.json(row, "current_state"),
                row.getBoolean("erased"));
    }
}
