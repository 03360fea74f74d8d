package dev.runledger.query.step;

import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.Span;
import dev.runledger.events.execution.StepDetails;
import dev.runledger.events.execution.StepStatus;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.core.type.TypeReference;

/** The projection's side of {@code steps} and {@code step_attempts}. */
public final class StepProjection {

    private static final TypeReference<List<String>> STEP_IDS = new TypeReference<>() {};

    private final JdbcTemplate jdbc;

    public StepProjection(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Names one row. */
    public record Key(ExecutionId execution, StepView.Key step) {}

    /**
     * One row.
     *
     * @param workflow the execution's
     */
    public record Row(ExecutionId execution, @Nullable String workflow, StepView step) {}

    private record Attempt(ExecutionId execution, StepView.Key step, AttemptView attempt) {}

    private static final Columns<Key> KEY = new Columns<Key>()
            .execution(Key::execution)
            .text(key -> key.step().stepId())
            .integer(key -> key.step().iteration());

    /** The rows of {@code keys} that exist, without their input, which no event needs, and with their last attempt. */
    public List<Row> load(Collection<Key> keys) {
        return KEY.query(jdbc, """
                select s.*
                from unnest(?::text[], ?::uuid[], ?::text[], ?::integer[])
                  as k(namespace, execution_id, step_id, iteration)
                cross join lateral (
                  select s.namespace, s.execution_id, s.step_id, s.iteration, s.first_version, s.first_position,
                    s.version, s.workflow, s.name, s.type, s.step_order, s.depends_on, s.status, s.attempt,
                    s.max_retries, s.agent_id, s.metadata, s.output, s.error_message, s.error_type,
                    s.error_stack_trace, s.error_details, s.next_retry_at, s.started_at, s.ended_at,
                    a.status as attempt_status, a.agent_id as attempt_agent_id,
                    a.error_message as attempt_error_message, a.error_type as attempt_error_type,
                    a.error_stack_trace as attempt_error_stack_trace, a.error_details as attempt_error_details,
                    a.next_retry_at as attempt_next_retry_at, a.started_at as attempt_started_at,
                    a.ended_at as attempt_ended_at
                  from steps s
                  left join step_attempts a
                    on a.namespace = s.namespace
                    and a.execution_id = s.execution_id
                    and a.step_id = s.step_id
                    and a.iteration = s.iteration
                    and a.number = s.attempt
                  where s.namespace = k.namespace
                    and s.execution_id = k.execution_id
                    and s.step_id = k.step_id
                    and s.iteration = k.iteration
                  offset 0
                ) s
                """, keys, StepProjection::row);
    }

    private static final Columns<Row> ROW = new Columns<Row>()
            .execution(Row::execution)
            .text(row -> row.step().key().stepId())
            .integer(row -> row.step().key().iteration())
            .bigint(row -> row.step().firstVersion())
            .bigint(row -> row.step().firstPosition())
            .bigint(row -> row.step().version())
            .text(Row::workflow)
            .text(row -> row.step().details().name())
            .text(row -> row.step().details().type())
            .integer(row -> row.step().details().order())
            .text(row -> row.step().details().dependsOn() == null
                    ? null
                    : EventJson.mapper().writeValueAsString(row.step().details().dependsOn()))
            .text(row -> row.step().status().name())
            .integer(row -> row.step().attempt())
            .integer(row -> row.step().details().maxRetries() == null
                    ? 0
                    : row.step().details().maxRetries())
            .text(row -> row.step().agentId())
            .json(row -> row.step().details().metadata())
            .json(row -> row.step().details().input())
            .json(row -> row.step().output())
            .text(row -> message(row.step().error()))
            .text(row -> type(row.step().error()))
            .text(row -> stackTrace(row.step().error()))
            .json(row -> details(row.step().error()))
            .time(row -> row.step().nextRetryAt())
            .time(row -> row.step().span().startedAt())
            .time(row -> row.step().span().endedAt())
            .bigint(row -> row.step().span().durationMs())
            .bool(row -> row.step().span().clockSkew());

    private static final Columns<Attempt> ATTEMPT = new Columns<Attempt>()
            .execution(Attempt::execution)
            .text(row -> row.step().stepId())
            .integer(row -> row.step().iteration())
            .integer(row -> row.attempt().number())
            .text(row -> row.attempt().status().name())
            .text(row -> row.attempt().agentId())
            .text(row -> message(row.attempt().error()))
            .text(row -> type(row.attempt().error()))
            .text(row -> stackTrace(row.attempt().error()))
            .json(row -> details(row.attempt().error()))
            .time(row -> row.attempt().nextRetryAt())
            .time(row -> row.attempt().span().startedAt())
            .time(row -> row.attempt().span().endedAt());

    // An input never changes; keeping the stored value leaves a long one where it is on disk.
    private static final String UPSERT = """
            insert into steps as known (
              namespace, execution_id, step_id, iteration, first_version, first_position, version, workflow, name,
              type, step_order, depends_on, status, attempt, max_retries, agent_id, metadata, input, output,
              error_message, error_type, error_stack_trace, error_details, next_retry_at, started_at, ended_at,
              duration_ms, clock_skew)
            select r.namespace, r.execution_id, r.step_id, r.iteration, r.first_version, r.first_position,
              r.version, r.workflow, r.name, r.type, r.step_order, r.depends_on::json, r.status, r.attempt,
              r.max_retries, r.agent_id, r.metadata::json, r.input::json, r.output::json, r.error_message,
              r.error_type, r.error_stack_trace, r.error_details::json, r.next_retry_at, r.started_at, r.ended_at,
              r.duration_ms, r.clock_skew
            from unnest(
              ?::text[], ?::uuid[], ?::text[], ?::integer[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],
              ?::text[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::integer[], ?::integer[], ?::text[],
              ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
              ?::timestamptz[], ?::timestamptz[], ?::bigint[], ?::boolean[]
            ) as r(
              namespace, execution_id, step_id, iteration, first_version, first_position, version, workflow, name,
              type, step_order, depends_on, status, attempt, max_retries, agent_id, metadata, input, output,
              error_message, error_type, error_stack_trace, error_details, next_retry_at, started_at, ended_at,
              duration_ms, clock_skew)
            on conflict (namespace, execution_id, step_id, iteration) do update
            set version = excluded.version,
              workflow = excluded.workflow,
              name = excluded.name,
              type = excluded.type,
              step_order = excluded.step_order,
              depends_on = excluded.depends_on,
              status = excluded.status,
              attempt = excluded.attempt,
              max_retries = excluded.max_retries,
              agent_id = excluded.agent_id,
              metadata = excluded.metadata,
              input = coalesce(excluded.input, known.input),
              output = excluded.output,
              error_message = excluded.error_message,
              error_type = excluded.error_type,
              error_stack_trace = excluded.error_stack_trace,
              error_details = excluded.error_details,
              next_retry_at = excluded.next_retry_at,
              started_at = excluded.started_at,
              ended_at = excluded.ended_at,
              duration_ms = excluded.duration_ms,
              clock_skew = excluded.clock_skew
            """;

    private static final String COPY = """
            copy steps (
              namespace, execution_id, step_id, iteration, first_version, first_position, version, workflow, name,
              type, step_order, depends_on, status, attempt, max_retries, agent_id, metadata, input, output,
              error_message, error_type, error_stack_trace, error_details, next_retry_at, started_at, ended_at,
              duration_ms, clock_skew)
            from stdin (format binary)
            """;

    private static final String UPSERT_ATTEMPTS = """
            insert into step_attempts (
              namespace, execution_id, step_id, iteration, number, status, agent_id, error_message, error_type,
              error_stack_trace, error_details, next_retry_at, started_at, ended_at)
            select r.namespace, r.execution_id, r.step_id, r.iteration, r.number, r.status, r.agent_id,
              r.error_message, r.error_type, r.error_stack_trace, r.error_details::json, r.next_retry_at,
              r.started_at, r.ended_at
            from unnest(
              ?::text[], ?::uuid[], ?::text[], ?::integer[], ?::integer[], ?::text[], ?::text[], ?::text[],
              ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::timestamptz[]
            ) as r(
              namespace, execution_id, step_id, iteration, number, status, agent_id, error_message, error_type,
              error_stack_trace, error_details, next_retry_at, started_at, ended_at)
            on conflict (namespace, execution_id, step_id, iteration, number) do update
            set status = excluded.status,
              agent_id = excluded.agent_id,
              error_message = excluded.error_message,
              error_type = excluded.error_type,
              error_stack_trace = excluded.error_stack_trace,
              error_details = excluded.error_details,
              next_retry_at = excluded.next_retry_at,
              started_at = excluded.started_at,
              ended_at = excluded.ended_at
            """;

    private static final String COPY_ATTEMPTS = """
            copy step_attempts (
              namespace, execution_id, step_id, iteration, number, status, agent_id, error_message, error_type,
              error_stack_trace, error_details, next_retry_at, started_at, ended_at)
            from stdin (format binary)
            """;

    /** Adds rows that are not there yet, with the attempts that they carry. */
    public void add(Collection<Row> rows) {
        ROW.insert(jdbc, UPSERT, COPY, rows);
        ATTEMPT.insert(jdbc, UPSERT_ATTEMPTS, COPY_ATTEMPTS, attempts(rows));
    }

    /** Writes rows that changed, with the attempts that they carry. */
    public void save(Collection<Row> rows) {
        ROW.update(jdbc, UPSERT, rows);
        ATTEMPT.update(jdbc, UPSERT_ATTEMPTS, attempts(rows));
    }

    private static List<Attempt> attempts(Collection<Row> rows) {
        return rows.stream()
                .flatMap(row -> row.step().attempts().stream()
                        .map(attempt -> new Attempt(row.execution(), row.step().key(), attempt)))
                .toList();
    }

    private static final Columns<ExecutionId> EXECUTION = new Columns<ExecutionId>().execution(id -> id);

    /** Removes every row of {@code executions}. */
    public void erase(Collection<ExecutionId> executions) {
        EXECUTION.update(jdbc, """
                delete from steps s
                using unnest(?::text[], ?::uuid[]) as r(namespace, execution_id)
                where s.namespace = r.namespace
                  and s.execution_id = r.execution_id
                """, executions);
        EXECUTION.update(jdbc, """
                delete from step_attempts a
                using unnest(?::text[], ?::uuid[]) as r(namespace, execution_id)
                where a.namespace = r.namespace
                  and a.execution_id = r.execution_id
                """, executions);
    }

    private static @Nullable String message(@Nullable Failure error) {
        return error == null ? null : error.message();
    }

    private static @Nullable String type(@Nullable Failure error) {
        return error == null ? null : error.type();
    }

    private static @Nullable String stackTrace(@Nullable Failure error) {
        return error == null ? null : error.stackTrace();
    }

    private static @Nullable Json details(@Nullable Failure error) {
        return error == null ? null : error.details();
    }

    private static Row row(ResultSet row, int number) throws SQLException {
        var dependsOn = row.getString("depends_on");
        var step = new StepView(
                new StepView.Key(row.getString("step_id"), row.getInt("iteration")),
                row.getLong("first_version"),
                row.getLong("first_position"),
                row.getLong("version"),
                new StepDetails(
                        row.getString("name"),
                        row.getString("type"),
                        Columns.integer(row, "step_order"),
                        dependsOn == null ? null : EventJson.mapper().readValue(dependsOn, STEP_IDS),
                        Columns.integer(row, "max_retries"),
                        null,
                        null,
                        null,
                        Columns.json(row, "metadata")),
                StepStatus.valueOf(row.getString("status")),
                row.getInt("attempt"),
                row.getString("agent_id"),
                Columns.json(row, "output"),
                Columns.failure(row, "error"),
                Columns.time(row, "next_retry_at"),
                new Span(Columns.time(row, "started_at"), Columns.time(row, "ended_at")),
                currentAttempt(row));
        return new Row(
                ExecutionId.ofStream(row.getString("namespace"), "execution/" + row.getString("execution_id")),
                row.getString("workflow"),
                step);
    }

    private static PVector<AttemptView> currentAttempt(ResultSet row) throws SQLException {
        var status = row.getString("attempt_status");
        if (status == null) {
            return TreePVector.empty();
        }
        return TreePVector.singleton(new AttemptView(
                row.getInt("attempt"),
                StepStatus.valueOf(status),
                new Span(Columns.time(row, "attempt_started_at"), Columns.time(row, "attempt_ended_at")),
                row.getString("attempt_agent_id"),
                Columns.failure(row, "attempt_error"),
                Columns.time(row, "attempt_next_retry_at")));
    }
}
