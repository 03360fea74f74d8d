package dev.runledger.query.execution;

import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.execution.ExecutionCondition.Index;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which executions a list shows, and in which order. */
record ExecutionFilter(List<ExecutionCondition> conditions, ExecutionOrder order) {

    private static final int MOST_TAGS = 20;

    /** What an execution's first event does not tell for ever; and there is one order of the past. */
    private static final List<String> CHANGING = List.of(
            "tag",
            "q",
            "startedAfter",
            "startedBefore",
            "endedAfter",
            "endedBefore",
            "minDurationMs",
            "maxDurationMs",
            "sort");

    /** What the parameters of a request say. */
    static ExecutionFilter of(QueryParameters given) {
        var conditions = new ArrayList<ExecutionCondition>();
        addEqual(conditions, Index.WORKFLOW, given.text("workflow"));
        addEqual(conditions, Index.WORKFLOW_VERSION, given.number("version", 0));
        addEqual(conditions, Index.TYPE, given.text("type"));
        addEqual(conditions, Index.AGENT, given.text("agentId"));
        addEqual(conditions, Index.CUSTOMER, given.text("customerId"));
        addEqual(conditions, Index.EXTERNAL_ID, given.text("externalId"));
        var parent = given.text("parentExecutionId");
        if (parent != null) {
            conditions.add(childOf(QueryParameters.uuid("parentExecutionId", parent)));
        }
        addStatus(conditions, given.constants("status", ExecutionStatus.class));
        addTags(conditions, given.texts("tag"));
        var text = given.text("q");
        if (text != null) {
            conditions.add(ExecutionCondition.other("""
                    (strpos(lower(e.workflow), lower(:q)) > 0
                      or strpos(lower(e.error_message), lower(:q)) > 0
                      or strpos(lower(e.error_type), lower(:q)) > 0)""", Map.of("q", text)));
        }
        addTime(conditions, given, "created_at", "e.created_at > :createdAfter", "createdAfter");
        addTime(conditions, given, "created_at", "e.created_at < :createdBefore", "createdBefore");
        addTime(conditions, given, "started_at", "e.started_at > :startedAfter", "startedAfter");
        addTime(conditions, given, "started_at", "e.started_at < :startedBefore", "startedBefore");
        addTime(conditions, given, "ended_at", "e.ended_at > :endedAfter", "endedAfter");
        addTime(conditions, given, "ended_at", "e.ended_at < :endedBefore", "endedBefore");
        addDuration(conditions, given, "e.duration_ms >= :minDurationMs", "minDurationMs");
        addDuration(conditions, given, "e.duration_ms <= :maxDurationMs", "maxDurationMs");
        return new ExecutionFilter(conditions, ExecutionOrder.of(given.text("sort")));
    }

    /**
     * What the parameters of a request for the past say, but for the status.
     *
     * @throws QueryProblem when one is about what changes
     */
    static List<ExecutionCondition> ofWhatNeverChanges(QueryParameters given) {
        for (var changing : CHANGING) {
            if (!given.texts(changing).isEmpty()) {
                throw QueryProblem.badParameter(changing, "cannot be given together with at");
            }
        }
        return of(given).conditions().stream()
                .filter(condition -> !condition.isOfStatus())
                .toList();
    }

    /** This filter and one more condition. */
    ExecutionFilter and(ExecutionCondition condition) {
        var more = new ArrayList<>(conditions);
        more.add(condition);
        return new ExecutionFilter(more, order);
    }

    static ExecutionCondition childOf(UUID parent) {
        return ExecutionCondition.equal(Index.PARENT, parent);
    }

    static ExecutionCondition ofWorkflow(String name) {
        return ExecutionCondition.equal(Index.WORKFLOW, name);
    }

    private static void addEqual(List<ExecutionCondition> conditions, Index index, @Nullable Object value) {
        if (value != null) {
            conditions.add(ExecutionCondition.equal(index, value));
        }
    }

    private static void addStatus(List<ExecutionCondition> conditions, List<ExecutionStatus> statuses) {
        if (statuses.size() == 1) {
            conditions.add(
                    ExecutionCondition.equal(Index.STATUS, statuses.getFirst().name()));
        } else if (!statuses.isEmpty()) {
            conditions.add(ExecutionCondition.statuses(statuses));
        }
    }

    private static void addTags(List<ExecutionCondition> conditions, List<String> tags) {
        if (tags.size() > MOST_TAGS) {
            throw QueryProblem.badParameter("tag", "is given more than " + MOST_TAGS + " times");
        }
        for (var i = 0; i < tags.size(); i++) {
            var tag = tags.get(i);
            var colon = tag.indexOf(':');
            if (colon < 1) {
                throw QueryProblem.badParameter("tag", "is no name:value");
            }
            conditions.add(ExecutionCondition.tag(i, tag.substring(0, colon), tag.substring(colon + 1)));
        }
    }

    private static void addTime(
            List<ExecutionCondition> conditions, QueryParameters given, String column, String sql, String name) {
        var time = given.time(name);
        if (time != null) {
            conditions.add(ExecutionCondition.range(column, sql, name, time.atOffset(ZoneOffset.UTC)));
        }
    }

    private static void addDuration(
            List<ExecutionCondition> conditions, QueryParameters given, String sql, String name) {
        var millis = given.number(name, 0);
        if (millis != null) {
            conditions.add(ExecutionCondition.range("duration_ms", sql, name, millis));
        }
    }
}
