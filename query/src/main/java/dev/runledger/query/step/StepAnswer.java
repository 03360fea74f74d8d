package dev.runledger.query.step;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Span;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.Columns;
import dev.runledger.query.FailureAnswer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One iteration of a step, whole.
 *
 * @param attempts oldest first
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record StepAnswer(
        @JsonUnwrapped StepItem item,
        @Nullable Json input,
        @Nullable Json output,
        Json metadata,
        List<Attempt> attempts) {

    private static final Json EMPTY_OBJECT = Json.of("{}");

    /** One try. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Attempt(
            int number,
            String status,
            @Nullable String agentId,
            @Nullable FailureAnswer error,
            @Nullable String nextRetryAt,
            @Nullable String startedAt,
            @Nullable String endedAt,
            @Nullable Long durationMs,
            boolean clockSkew) {

        static Attempt read(ResultSet row) throws SQLException {
            var span = new Span(Columns.time(row, "started_at"), Columns.time(row, "ended_at"));
            return new Attempt(
                    row.getInt("number"),
                    row.getString("status"),
                    row.getString("agent_id"),
                    FailureAnswer.of(Columns.failure(row, "error")),
                    Columns.timeText(row, "next_retry_at"),
                    Columns.timeText(row, "started_at"),
                    Columns.timeText(row, "ended_at"),
                    span.durationMs(),
                    span.clockSkew());
        }

        /** What {@link #read} answers of the row of {@code attempt}. */
        static Attempt of(AttemptView attempt) {
            return new Attempt(
                    attempt.number(),
                    attempt.status().name(),
                    attempt.agentId(),
                    FailureAnswer.of(attempt.error()),
                    EventJson.formatted(attempt.nextRetryAt()),
                    EventJson.formatted(attempt.span().startedAt()),
                    EventJson.formatted(attempt.span().endedAt()),
                    attempt.span().durationMs(),
                    attempt.span().clockSkew());
        }
    }

    static StepAnswer read(ResultSet row, int number) throws SQLException {
        return new StepAnswer(
                StepItem.read(row, number),
                Columns.json(row, "input"),
                Columns.json(row, "output"),
                Columns.json(row, "metadata", EMPTY_OBJECT),
                List.of());
    }

    /** What {@link #read} answers of the row of {@code step}, with these of its {@code attempts}. */
    static StepAnswer of(ExecutionId execution, StepView step, List<AttemptView> attempts) {
        var details = step.details();
        return new StepAnswer(
                StepItem.of(execution, step, false),
                details.input(),
                step.output(),
                details.metadata() == null ? EMPTY_OBJECT : details.metadata(),
                attempts.stream().map(Attempt::of).toList());
    }

    StepAnswer with(List<Attempt> attempts) {
        return new StepAnswer(item, input, output, metadata, attempts);
    }
}
