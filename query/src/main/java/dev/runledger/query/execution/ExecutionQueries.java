package dev.runledger.query.execution;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.query.Columns;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.Reads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads executions: one with everything, and pages of lists. */
@Component
public class ExecutionQueries {

    private static final Json EMPTY_OBJECT = Json.of("{}");

    /** How far up the parents of an execution are followed. */
    private static final int DEEPEST = 100;

    private final JdbcClient jdbc;
    private final Reads reads;

    ExecutionQueries(JdbcClient jdbc, Reads reads) {
        this.jdbc = jdbc;
        this.reads = reads;
    }

    /** The execution's own fields. */
    record Found(
            ExecutionItem item,
            Json metadata,
            @Nullable Json input,
            @Nullable Json output,
            @Nullable Json currentState,
            boolean erased) {}

    /**
     * The execution {@code id}.
     *
     * @throws QueryProblem when there is none, or it was erased
     */
    Found one(ExecutionId id) {
        var found = reads.ofTables(() -> jdbc.sql("""
                        select e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, e.status, e.attempt,
                          e.version, e.position, e.agent_id, e.customer_id, e.external_id, e.parent_execution_id,
                          e.parent_step_id, e.tags, e.error_message, e.error_type, e.error_stack_trace,
                          e.error_details, e.created_at, e.started_at, e.ended_at, e.duration_ms, e.clock_skew,
                          e.deadline_at, e.iterations, e.step_counts, e.artifact_count, e.erased, e.metadata, e.input,
                          e.output, (
                            select c.state
                            from read_model.checkpoints c
                            where c.namespace = e.namespace
                              and c.execution_id = e.execution_id
                            order by c.version desc
                            limit 1
                          ) as current_state
                        from read_model.executions e
                        where e.namespace = :namespace
                          and e.execution_id = :id
                        """)
                        .param("namespace", id.namespace())
                        .param("id", id.id())
                        .query(ExecutionQueries::found)
                        .optional())
                .orElseThrow(() -> QueryProblem.notFound("execution " + id.id()));
        if (found.erased()) {
            throw QueryProblem.erased(id.id());
        }
        return found;
    }

    /** A page of the executions of {@code namespace} that {@code filter} lets through. */
    public PageOf<ExecutionItem> list(String namespace, ExecutionFilter filter, @Nullable String cursor, int limit) {
        var scan = filter.order().scan().with("namespace", namespace);
        var conditions = filter.conditions();
        var driving = filter.order().byCreation() ? ExecutionCondition.driving(conditions) : null;
        if (!filter.order().byCreation()) {
            scan.scan(filter.order().present());
        }
        if (driving != null) {
            driving.drive(scan);
        }
        for (var condition : conditions) {
            if (joins(driving, condition)) {
                condition.drive(scan);
            } else if (condition.isRangeOf(filter.order().column())) {
                scan.scan(condition.sql());
            } else if (condition != driving) {
                scan.filter(condition.sql());
            }
            condition.parameters().forEach((name, value) -> {
                if (!name.equals("tagHash")) {
                    scan.with(name, value);
                }
            });
        }
        // An erased execution has nothing left to list.
        scan.filter("not e.erased");
        var page = driving != null && driving.index() == ExecutionCondition.Index.TAG
                ? reads.ofTables(() -> byTag(scan, driving, cursor, limit))
                : reads.ofTables(() -> scan.scan("e.namespace = :namespace")
                        .page(
                                jdbc,
                                ExecutionItem.COLUMNS,
                                "read_model.executions",
                                cursor,
                                limit,
                                ExecutionItem::read));
        return page.with(items -> withRoots(namespace, items));
    }

    private PageOf<ExecutionItem> byTag(OrderedScan scan, ExecutionCondition tag, @Nullable String cursor, int limit) {
        return scan.scan("e.namespace = :namespace")
                .scan(Objects.requireNonNull(tag.sqlOfTags()))
                .pageThrough(
                        jdbc,
                        ExecutionItem.COLUMNS,
                        "read_model.execution_tags",
                        """
                        select *
                        from read_model.executions x
                        where x.namespace = :namespace
                          and x.execution_id = k.key1
                        """,
                        cursor,
                        limit,
                        ExecutionItem::read);
    }

    /** A version narrows the range of its workflow's index. */
    private static boolean joins(@Nullable ExecutionCondition driving, ExecutionCondition condition) {
        return driving != null
                && driving.index() == ExecutionCondition.Index.WORKFLOW
                && condition.index() == ExecutionCondition.Index.WORKFLOW_VERSION;
    }

    /** The running executions of an agent, latest started first, at most {@code limit}. */
    public List<ExecutionItem> runningOf(String namespace, String agentId, int limit) {
        return withRoots(
                namespace,
                reads.ofTables(() -> jdbc.sql("""
                        select e.execution_id, e.namespace, e.workflow, e.workflow_version, e.type, e.status, e.attempt,
                          e.version, e.position, e.agent_id, e.customer_id, e.external_id, e.parent_execution_id,
                          e.parent_step_id, e.tags, e.error_message, e.error_type, null as error_stack_trace,
                          e.error_details, e.created_at, e.started_at, e.ended_at, e.duration_ms, e.clock_skew,
                          e.deadline_at, e.iterations, e.step_counts, e.artifact_count
                        from read_model.executions e
                        where e.namespace = :namespace
                          and e.agent_id = :agentId
                          and e.status = 'RUNNING'
                        order by e.started_at desc, e.execution_id desc
                        limit :limit
                        """)
                        .param("namespace", namespace)
                        .param("agentId", agentId)
                        .param("limit", limit)
                        .query(ExecutionItem::read)
                        .list()));
    }

    /** How many executions the agent runs, counted up to {@code most}. */
    public long countRunningOf(String namespace, String agentId, int most) {
        return reads.ofTables(() -> jdbc.sql("""
                        select count(*)
                        from (
                          select
                          from read_model.executions
                          where namespace = :namespace
                            and agent_id = :agentId
                            and status = 'RUNNING'
                          limit :most
                        ) e
                        """)
                .param("namespace", namespace)
                .param("agentId", agentId)
                .param("most", most)
                .query(Long.class)
                .single());
    }

    List<ExecutionItem> withRoots(String namespace, List<ExecutionItem> items) {
        var children = items.stream()
                .filter(item -> item.parentExecutionId() != null)
                .map(ExecutionItem::executionId)
                .toArray(UUID[]::new);
        if (children.length == 0) {
            return items;
        }
        var roots = roots(namespace, children);
        return items.stream()
                .map(item -> item.withRoot(roots.getOrDefault(item.executionId(), item.executionId())))
                .toList();
    }

    /**
     * The topmost known ancestor of each of {@code ids}. One that names an execution which is not there, or goes round
     * in a circle, ends with the last id that was found.
     */
    private Map<UUID, UUID> roots(String namespace, UUID[] ids) {
        var roots = new HashMap<UUID, UUID>();
        reads.ofTables(() -> jdbc.sql("""
                        with recursive line (child, id, parent, depth) as (
                          select e.execution_id, e.execution_id, e.parent_execution_id, 0
                          from unnest(:ids) as k(id)
                          join read_model.executions e
                            on e.namespace = :namespace
                            and e.execution_id = k.id
                          union all
                          select line.child, line.parent, (
                              select e.parent_execution_id
                              from read_model.executions e
                              where e.namespace = :namespace
                                and e.execution_id = line.parent
                            ), line.depth + 1
                          from line
                          where line.parent is not null
                            and line.parent <> line.child
                            and line.depth < :deepest
                        )
                        select distinct on (child) child, id
                        from line
                        order by child, depth desc
                        """)
                .param("ids", ids)
                .param("namespace", namespace)
                .param("deepest", DEEPEST)
                .query((row, number) -> Objects.requireNonNullElse(
                        roots.put(row.getObject("child", UUID.class), row.getObject("id", UUID.class)), ids[0]))
                .list());
        return roots;
    }

    private static Found found(ResultSet row, int number) throws SQLException {
        return new Found(
                ExecutionItem.read(row, number),
                Columns.json(row, "metadata", EMPTY_OBJECT),
                Columns.json(row, "input"),
                Columns.json(row, "output"),
                Columns.json(row, "current_state"),
                row.getBoolean("erased"));
    }
}
