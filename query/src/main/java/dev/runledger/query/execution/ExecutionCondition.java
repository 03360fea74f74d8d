package dev.runledger.query.execution;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
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

    /** The equalities that have an index in the order of creation, the most selective kind first. */
    enum Index {
        EXTERNAL_ID,
        PARENT,
        TAG,
        CUSTOMER,
        AGENT,
        WORKFLOW,
        TYPE,
        STATUS,
        /** Only together with {@link #WORKFLOW}. */
        WORKFLOW_VERSION
    }

    static ExecutionCondition equal(Index index, String sql, String name, Object value) {
        return new ExecutionCondition(index, null, sql, null, Map.of(name, value));
    }

    static ExecutionCondition range(String column, String sql, String name, Object value) {
        return new ExecutionCondition(null, column, sql, null, Map.of(name, value));
    }

    static ExecutionCondition other(String sql, Map<String, Object> parameters) {
        return new ExecutionCondition(null, null, sql, null, parameters);
    }

    /** @param number tells the tags of one list apart */
    static ExecutionCondition tag(int number, String name, String value) {
        return new ExecutionCondition(
                Index.TAG,
                null,
                "e.tags ->> :tagName" + number + " = :tagValue" + number,
                "e.hash = :tagHash" + number + " and e.name = :tagName" + number + " and e.value = :tagValue" + number,
                Map.of(
                        "tagHash" + number, ExecutionProjection.tagHash(name, value),
                        "tagName" + number, name,
                        "tagValue" + number, value));
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
