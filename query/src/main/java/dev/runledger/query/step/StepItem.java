package dev.runledger.query.step;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.Columns;
import dev.runledger.query.FailureAnswer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One iteration of a step in a list: everything but its payloads. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record StepItem(
        UUID executionId,
        String stepId,
        int iteration,
        @Nullable String name,
        @Nullable String type,
        @Nullable Integer order,
        Json dependsOn,
        String status,
        int attempt,
        int retryCount,
        int maxRetries,
        @Nullable String nextRetryAt,
        @Nullable String agentId,
        @Nullable FailureAnswer error,
        @Nullable String startedAt,
        @Nullable String endedAt,
        @Nullable Long durationMs,
        boolean clockSkew) {

    private static final Json EMPTY_ARRAY = Json.of("[]");

    /** The columns that {@link #read} needs, of the alias {@code e}. */
    static final String COLUMNS = """
            e.execution_id, e.step_id, e.iteration, e.name, e.type, e.step_order, e.depends_on, e.status, e.attempt,
            e.max_retries, e.next_retry_at, e.agent_id, e.error_message, e.error_type, null as error_stack_trace,
            null as error_details, e.started_at, e.ended_at, e.duration_ms, e.clock_skew, e.workflow""";

    static StepItem read(ResultSet row, int number) throws SQLException {
        var attempt = row.getInt("attempt");
        return new StepItem(
                row.getObject("execution_id", UUID.class),
                row.getString("step_id"),
                row.getInt("iteration"),
                row.getString("name"),
                row.getString("type"),
                Columns.integer(row, "step_order"),
                Columns.json(row, "depends_on", EMPTY_ARRAY),
                row.getString("status"),
                attempt,
                Math.max(0, attempt - 1),
                row.getInt("max_retries"),
                Columns.timeText(row, "next_retry_at"),
                row.getString("agent_id"),
                FailureAnswer.of(Columns.failure(row, "error")),
                Columns.timeText(row, "started_at"),
                Columns.timeText(row, "ended_at"),
                Columns.bigint(row, "duration_ms"),
                row.getBoolean("clock_skew"));
    }

    /** What {@link #read} answers of the row of {@code step}, in a list where {@code brief}. */
    static StepItem of(ExecutionId execution, StepView step, boolean brief) {
        var details = step.details();
        return new StepItem(
                execution.id(),
                step.key().stepId(),
                step.key().iteration(),
                details.name(),
                details.type(),
                details.order(),
                details.dependsOn() == null
                        ? EMPTY_ARRAY
                        : Json.of(EventJson.mapper().writeValueAsString(details.dependsOn())),
                step.status().name(),
                step.attempt(),
                step.retryCount(),
                details.maxRetries() == null ? 0 : details.maxRetries(),
                EventJson.formatted(step.nextRetryAt()),
                step.agentId(),
                brief ? FailureAnswer.brief(step.error()) : FailureAnswer.of(step.error()),
                EventJson.formatted(step.span().startedAt()),
                EventJson.formatted(step.span().endedAt()),
                step.span().durationMs(),
                step.span().clockSkew());
    }
}
