package dev.runledger.query.execution;

import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.query.OrderedScan;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One filter of a list of executions, as SQL over the row {@code e} with named parameters.
 *
 * @param index the index that a single one of these can drive; null when none
 * @param column the column that it is a range of; null when it is none
 * @param sqlOfTags the same over a row {@code e} of the tags; null unless the index is theirs
 */
record ExecutionCondition(
        @Nullable Index index,
        @Nullable String column,
        String sql,
        @Nullable String sqlOfTags,
        Map<String, Object> parameters) {

    private static final String STATUSES = "e.status in (:statuses)";

    /** The equalities that have an index in the order of creation, the most selective kind first. */
    enum Index {
        EXTERNAL_ID("external_id", "externalId", "e.external_id = :externalId"),
        PARENT("parent_execution_id", "parent", "e.parent_execution_id = :parent"),
        TAG("hash", "tagHash", ""),
        CUSTOMER("customer_id", "customerId", "e.customer_id = :customerId"),
        AGENT("agent_id", "agentId", "e.agent_id = :agentId"),
        WORKFLOW("workflow", "workflow", "e.workflow = :workflow"),
        TYPE("type", "type", "e.type = :type"),
        STATUS("status", "status", "e.status = :status"),
        /** Only together with {@link #WORKFLOW}. */
        WORKFLOW_VERSION("workflow_version", "version", "e.workflow_version = :version");

        private final String column;
        private final String parameter;
        private final String sql;

        Index(String column, String parameter, String sql) {
            this.column = column;
            this.parameter = parameter;
            this.sql = sql;
        }
    }

    static ExecutionCondition equal(Index index, Object value) {
        return new ExecutionCondition(index, null, index.sql, null, Map.of(index.parameter, value));
    }

    /** Makes {@code scan} walk the index of this condition. */
    void drive(OrderedScan scan) {
        var by = Objects.requireNonNull(index);
        scan.drive(by.column, by.parameter, Objects.requireNonNull(parameters.get(by.parameter)));
    }

    static ExecutionCondition range(String column, String sql, String name, Object value) {
        return new ExecutionCondition(null, column, sql, null, Map.of(name, value));
    }

    static ExecutionCondition other(String sql, Map<String, Object> parameters) {
        return new ExecutionCondition(null, null, sql, null, parameters);
    }

    static ExecutionCondition statuses(List<ExecutionStatus> any) {
        return other(STATUSES, Map.of("statuses", any.stream().map(Enum::name).toList()));
    }

    /** Whether it is about what changes most. */
    boolean isOfStatus() {
        return index == Index.STATUS || sql.equals(STATUSES);
    }

    /** @param number tells the tags of one list apart */
    static ExecutionCondition tag(int number, String name, String value) {
        return new ExecutionCondition(
                Index.TAG,
                null,
                "e.tags ->> :tagName" + number + " = :tagValue" + number,
                "e.name = :tagName" + number + " and e.value = :tagValue" + number,
                Map.of(
                        "tagHash",
                        ExecutionProjection.tagHash(name, value),
                        "tagName" + number,
                        name,
                        "tagValue" + number,
                        value));
    }

    /** The condition whose index a list in the order of creation scans; null when none has one. */
    static @Nullable ExecutionCondition driving(List<ExecutionCondition> conditions) {
        return conditions.stream()
                .filter(condition -> condition.index != null && condition.index != Index.WORKFLOW_VERSION)
                .min(Comparator.comparing(ExecutionCondition::index))
                .orElse(null);
    }

    boolean isRangeOf(String sortColumn) {
        return sortColumn.equals(column);
    }
}
