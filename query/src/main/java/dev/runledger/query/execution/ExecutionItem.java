package dev.runledger.query.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionHeader;
import dev.runledger.query.Columns;
import dev.runledger.query.FailureAnswer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An execution in a list: everything but its payloads. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ExecutionItem(
        UUID executionId,
        String namespace,
        @Nullable String workflow,
        @Nullable Integer workflowVersion,
        @Nullable String type,
        String status,
        int attempt,
        long version,
        long position,
        @Nullable String agentId,
        @Nullable String customerId,
        @Nullable String externalId,
        @Nullable UUID parentExecutionId,
        @Nullable String parentStepId,
        UUID rootExecutionId,
        Json tags,
        @Nullable FailureAnswer error,
        @Nullable String createdAt,
        @Nullable String startedAt,
        @Nullable String endedAt,
        @Nullable Long durationMs,
        boolean clockSkew,
        @Nullable String deadlineAt,
        int iterations,
        Json stepCounts,
        int artifactCount) {

    /** The columns that {@link #read} needs, of the alias {@code e}. */
    static final String COLUMNS = """
            e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, e.status, e.attempt, e.version,
            e.position, e.agent_id, e.customer_id, e.external_id, e.parent_execution_id, e.parent_step_id, e.tags,
            e.error_message, e.error_type, null as error_stack_trace, null as error_details, e.created_at, e.started_at,
            e.ended_at, e.duration_ms, e.clock_skew, e.deadline_at, e.iterations, e.step_counts, e.artifact_count,
            e.erased""";

    /**
     * A row that begins with {@link #COLUMNS}, nearly all of which are read by their number since a page has a
     * thousand; one with a parent is its own root until {@link #withRoot} tells the real one.
     */
    static ExecutionItem read(ResultSet row, int number) throws SQLException {
        var id = row.getObject(1, UUID.class);
        return new ExecutionItem(
                id,
                row.getString(2),
                row.getString(3),
                Columns.integer(row, 4),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getLong(8),
                row.getLong(9),
                row.getString(10),
                row.getString(11),
                row.getString(12),
                row.getObject(13, UUID.class),
                row.getString(14),
                id,
                Json.of(row.getString(15)),
                FailureAnswer.of(Columns.failure(row, "error")),
                Columns.timeText(row, 20),
                Columns.timeText(row, 21),
                Columns.timeText(row, 22),
                Columns.bigint(row, 23),
                row.getBoolean(24),
                Columns.timeText(row, 25),
                row.getInt(26),
                Json.of(row.getString(27)),
                row.getInt(28));
    }

    /** What {@link #read} answers of the row of {@code header}, and its {@code root}. */
    static ExecutionItem of(ExecutionHeader header, UUID root) {
        var details = header.details();
        return new ExecutionItem(
                header.id().id(),
                header.id().namespace(),
                details.workflow(),
                details.workflowVersion(),
                details.type(),
                header.status().name(),
                header.attempt(),
                header.version(),
                header.position(),
                details.agentId(),
                details.customerId(),
                details.externalId(),
                details.parentExecutionId(),
                details.parentStepId(),
                root,
                ExecutionProjection.tagsOf(header),
                FailureAnswer.of(header.error()),
                EventJson.format(header.createdAt()),
                EventJson.formatted(header.span().startedAt()),
                EventJson.formatted(header.span().endedAt()),
                header.span().durationMs(),
                header.span().clockSkew(),
                EventJson.formatted(details.deadlineAt()),
                header.iterations(),
                ExecutionProjection.stepCountsOf(header),
                header.artifactCount());
    }

    ExecutionItem withRoot(UUID root) {
        return new ExecutionItem(
                executionId,
                namespace,
                workflow,
                workflowVersion,
                type,
                status,
                attempt,
                version,
                position,
                agentId,
                customerId,
                externalId,
                parentExecutionId,
                parentStepId,
                root,
                tags,
                error,
                createdAt,
                startedAt,
                endedAt,
                durationMs,
                clockSkew,
                deadlineAt,
                iterations,
                stepCounts,
                artifactCount);
    }
}
