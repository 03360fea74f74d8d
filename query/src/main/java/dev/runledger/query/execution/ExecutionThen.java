package dev.runledger.query.execution;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution in a list of the past: its status then, and what was said when it was created, which never changes.
 * Whatever else it was, the execution itself tells of that time.
 *
 * @param statusSince the place in the log of the event that brought it to the status that it had then
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ExecutionThen(
        UUID executionId,
        String namespace,
        @Nullable String workflow,
        @Nullable Integer workflowVersion,
        @Nullable String type,
        String status,
        long statusSince,
        @Nullable String agentId,
        @Nullable String customerId,
        @Nullable String externalId,
        @Nullable UUID parentExecutionId,
        @Nullable String parentStepId,
        @Nullable String createdAt) {

    /** The columns that {@link #read} needs, of the execution {@code e} and the status {@code k}. */
    static final String COLUMNS = """
            e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, k.status_then, k.status_since,
            e.agent_id, e.customer_id, e.external_id, e.parent_execution_id, e.parent_step_id, e.created_at""";

    /** As {@link #COLUMNS}, where the execution knows its status then. */
    static final String COLUMNS_WITH_STATUS = """
            e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, e.status_then, e.since_position,
            e.agent_id, e.customer_id, e.external_id, e.parent_execution_id, e.parent_step_id, e.created_at""";

    /** What the columns of the status are called. */
    static final String STATE = """
            , e.execution_id as of_execution, e.status as status_then, e.from_position as status_since,
            e.to_position as status_until""";

    static ExecutionThen read(ResultSet row, int number) throws SQLException {
        return read(row, "status_since");
    }

    static ExecutionThen readWithStatus(ResultSet row, int number) throws SQLException {
        return read(row, "since_position");
    }

    private static ExecutionThen read(ResultSet row, String since) throws SQLException {
        return new ExecutionThen(
                row.getObject("execution_id", UUID.class),
                row.getString("namespace"),
                row.getString("workflow"),
                Columns.integer(row, "workflow_version"),
                row.getString("type"),
                row.getString("status_then"),
                row.getLong(since),
                row.getString("agent_id"),
                row.getString("customer_id"),
                row.getString("external_id"),
                row.getObject("parent_execution_id", UUID.class),
                row.getString("parent_step_id"),
                Columns.timeText(row, "created_at"));
    }
}
