package dev.runledger.query.execution;

import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.eventstore.EventLog;
import dev.runledger.query.AsOf;
import dev.runledger.query.Cursor;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadConnections;
import dev.runledger.query.ReadModelPosition;
import dev.runledger.query.Reads;
import dev.runledger.query.past.Moment;
import dev.runledger.query.past.Past;
import java.time.Instant;
import java.time.ZoneOffset;
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
    private final EventLog log;
    private final ReadModelPosition position;
    private final ExecutionRows rows;
    private final JdbcClient lists;

    ExecutionQueries(
            JdbcClient jdbc,
            Reads reads,
            EventLog log,
            ReadModelPosition position,
            ExecutionRows rows,
            ReadConnections connections) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.lists = connections.client();
        this.reads = reads;
        this.log = log;
        this.position = position;
    }

    /**
     * The execution {@code id}.
     *
     * @throws QueryProblem when there is none, or it was erased
     */
    ExecutionAnswer one(ExecutionId id) {
        var found = rows.find(id).orElseThrow(() -> QueryProblem.notFound("execution " + id.id()));
        if (found.erased()) {
            throw QueryProblem.erased(id.id());
        }
        return new ExecutionAnswer(
                withRoots(id.namespace(), List.of(found.item())).getFirst(),
                found.metadata(),
                found.input(),
                found.output(),
                found.currentState(),
                ExecutionAnswer.IncludedSteps.NONE,
                ExecutionAnswer.IncludedArtifacts.NONE,
                null);
    }

    /**
     * An execution of the past, without parts.
     *
     * @throws QueryProblem when the tables do not come as far
     */
    ExecutionAnswer one(Past past) {
        var view = past.view();
        var details = view.header().details();
        return new ExecutionAnswer(
                ExecutionItem.of(view.header(), root(past)),
                Objects.requireNonNullElse(details.metadata(), EMPTY_OBJECT),
                details.input(),
                view.header().output(),
                view.currentState(),
                ExecutionAnswer.IncludedSteps.NONE,
                ExecutionAnswer.IncludedArtifacts.NONE,
                past.asOf());
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
        scan.expect("not e.erased").weigh("tags", "error_message");
        var page = driving != null && driving.index() == ExecutionCondition.Index.TAG
                ? reads.ofTables(() -> byTag(scan, driving, cursor, limit))
                : reads.ofTables(() -> scan.scan("e.namespace = :namespace")
                        .page(
                                lists,
                                ExecutionItem.COLUMNS,
                                "read_model.executions",
                                cursor,
                                limit,
                                ExecutionItem::read));
        return page.with(items -> withRoots(namespace, items));
    }

    /**
     * A page of the executions of {@code namespace} that the log knew at {@code time}, with the status that each had: the
     * one that had come to its status last is the first. All pages show the log as it was when the first was answered.
     *
     * @param conditions on what never changes
     * @throws QueryProblem when the tables do not come as far
     */
    PageOf<ExecutionThen> listOf(
            Instant time, String namespace, QueryParameters given, List<ExecutionCondition> conditions) {
        var pages = PastPages.after(
                given.cursor(),
                "-statusSince",
                List.of(new Key("from_position", Type.NUMBER)),
                reads.inTurn(() -> log.positionAt(time)));
        var upTo = pages.upTo();
        position.require(upTo);
        var statuses = given.constants("status", ExecutionStatus.class);
        var one = statuses.size() == 1;
        // Positions are the one order that an index can begin at the time that is asked for.
        var scan = new OrderedScan(
                        PastPages.INNER, List.of(new Key(one ? "since" : "from_position", Type.NUMBER)), !one)
                .scan("e.namespace = :namespace")
                .with("namespace", namespace)
                .with("upTo", upTo)
                .filter("not e.erased");
        if (one) {
            scan.with("status", statuses.getFirst().name());
            if (conditions.isEmpty()) {
                // Nearly all that is looked at is shown; the planner is to know that it need not sort the rest.
                scan.boundedBy(given.limit() + 1);
            }
        } else if (!statuses.isEmpty()) {
            scan.filter("k.status_then in (:statuses)")
                    .with("statuses", statuses.stream().map(Enum::name).toList());
        }
        for (var condition : conditions) {
            scan.filter(condition.sql());
            condition.parameters().forEach(scan::with);
        }
        var last = pages.key() == null ? upTo + 1 : Long.parseLong(pages.key().getFirst());
        if (one) {
            scan.with("begin", -last);
        }
        var page = reads.ofTables(() -> scan.pageThrough(
                lists,
                ExecutionThen.COLUMNS,
                one ? lasting(position.reached()) : "read_model.execution_states",
                ExecutionThen.STATE,
                """
                select *
                from read_model.executions x
                where (x.namespace, x.execution_id) >= (:namespace, k.of_execution)
                  and (x.namespace, x.execution_id) <= (:namespace, k.of_execution)
                  and (k.status_until is null or k.status_until > :upTo)
                order by x.namespace, x.execution_id
                limit 1
                """,
                scan.cursorAfter(List.of(String.valueOf(one ? -last : last))),
                given.limit(),
                ExecutionThen::read));
        var next = page.nextCursor() == null
                ? null
                : pages.cursor(List.of(String.valueOf(Math.abs(Cursor.after(page.nextCursor(), PastPages.INNER)))));
        return new PageOf<>(page.items(), next, AsOf.ofAll(upTo, recordedAt(upTo)));
    }

    /**
     * The states of one status that lasted at a position. What lasted for a number of positions that has so many octal
     * digits, and lasted then, had begun within as many positions before: each such number is a range of the index, which
     * has few others in it.
     *
     * <p>Each range begins where the page does by itself, since nothing gets into it from outside of its limit.
     *
     * @param head a position that no state ended behind
     */
    private static String lasting(long head) {
        var ranges = new StringBuilder("""
                (
                  (
                    select namespace, execution_id, status, from_position, to_position, -from_position as since
                    from read_model.execution_states
                    where namespace = :namespace
                      and status = :status
                      and coalesce((length(ltrim((to_position - from_position)::bit(64)::text, '0')) + 2) / 3, 0) = 0
                      and -from_position > cast(:begin as bigint)
                    order by -from_position
                    limit :bound
                  )
                """);
        // One more, for what has ended since.
        for (var digits = 1; digits <= Long.toOctalString(head).length() + 1; digits++) {
            ranges.append("""
                      union all
                      (
                        select namespace, execution_id, status, from_position, to_position, -from_position as since
                        from read_model.execution_states
                        where namespace = :namespace
                          and status = :status
                          and coalesce((length(ltrim((to_position - from_position)::bit(64)::text, '0')) + 2) / 3, 0) = %s
                          and -from_position > cast(:begin as bigint)
                          and -from_position < %s - cast(:upTo as bigint)
                          and to_position > :upTo
                        order by -from_position
                        limit :bound
                      )
                    """.formatted(digits, 1L << Math.min(62, 3 * digits)));
        }
        return ranges.append(")").toString();
    }

    /**
     * A page of the children that an execution had when the log had come to {@code upTo}, with the status that each had
     * then, the latest created first. All pages show the log as it was when the first was answered.
     *
     * @param conditions on what never changes
     * @throws QueryProblem when the tables do not come as far
     */
    PageOf<ExecutionThen> childrenOf(
            ExecutionId parent, long upTo, QueryParameters given, List<ExecutionCondition> conditions) {
        var keys = List.of(new Key("created_at", Type.TIME), new Key("execution_id", Type.UUID));
        var pages = PastPages.after(given.cursor(), "-createdAt", keys, upTo);
        position.require(pages.upTo());
        var scan = new OrderedScan(PastPages.INNER, keys, true)
                .scan("e.namespace = :namespace")
                .drive("parent_execution_id", "parent", parent.id())
                .with("namespace", parent.namespace())
                .with("upTo", pages.upTo())
                .filter("e.status_then is not null")
                .filter("not e.erased");
        var statuses = given.constants("status", ExecutionStatus.class);
        if (!statuses.isEmpty()) {
            scan.filter("e.status_then in (:statuses)")
                    .with("statuses", statuses.stream().map(Enum::name).toList());
        }
        for (var condition : conditions) {
            scan.filter(condition.sql());
            condition.parameters().forEach(scan::with);
        }
        var page = reads.ofTables(() -> scan.pageThrough(
                lists,
                ExecutionThen.COLUMNS_WITH_STATUS,
                "read_model.executions",
                """
                select x.*, s.status as status_then, s.from_position as since_position
                from (
                  select *
                  from read_model.executions
                  where (namespace, execution_id) >= (:namespace, k.key1)
                    and (namespace, execution_id) <= (:namespace, k.key1)
                  order by namespace, execution_id
                  limit 1
                ) x
                left join lateral (
                  select status, from_position
                  from read_model.execution_states
                  where (namespace, execution_id) >= (:namespace, k.key1)
                    and (namespace, execution_id, from_position) <= (:namespace, k.key1, :upTo)
                  order by namespace desc, execution_id desc, from_position desc
                  limit 1
                ) s on true
                """,
                pages.key() == null ? null : scan.cursorAfter(pages.key()),
                given.limit(),
                ExecutionThen::readWithStatus));
        var next = page.nextCursor() == null
                ? null
                : pages.cursor(Objects.requireNonNull(Cursor.key(page.nextCursor(), PastPages.INNER, keys)));
        return new PageOf<>(page.items(), next, AsOf.ofAll(pages.upTo(), recordedAt(pages.upTo())));
    }

    private @Nullable Instant recordedAt(long position) {
        return reads.inTurn(() -> log.recordedAt(position)).orElse(null);
    }

    private PageOf<ExecutionItem> byTag(OrderedScan scan, ExecutionCondition tag, @Nullable String cursor, int limit) {
        return scan.scan("e.namespace = :namespace")
                .scan(Objects.requireNonNull(tag.sqlOfTags()))
                .pageThrough(
                        lists,
                        ExecutionItem.COLUMNS,
                        "read_model.execution_tags",
                        """
                        select *
                        from read_model.executions x
                        where (x.namespace, x.execution_id) >= (:namespace, k.key1)
                          and (x.namespace, x.execution_id) <= (:namespace, k.key1)
                        order by x.namespace, x.execution_id
                        limit 1
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

    private List<ExecutionItem> withRoots(String namespace, List<ExecutionItem> items) {
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
        reads.ofTables(() -> lists.sql("""
                        with recursive line (child, id, parent, depth) as (
                          select e.execution_id, e.execution_id, e.parent_execution_id, 0
                          from unnest(:ids) as k(id)
                          cross join lateral (
                            select x.execution_id, x.parent_execution_id
                            from read_model.executions x
                            where (x.namespace, x.execution_id) >= (:namespace, k.id)
                              and (x.namespace, x.execution_id) <= (:namespace, k.id)
                            order by x.namespace, x.execution_id
                            limit 1
                          ) e
                          union all
                          select line.child, line.parent, (
                              select e.parent_execution_id
                              from read_model.executions e
                              where (e.namespace, e.execution_id) >= (:namespace, line.parent)
                                and (e.namespace, e.execution_id) <= (:namespace, line.parent)
                              order by e.namespace, e.execution_id
                              limit 1
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

    /** The topmost ancestor that was known then, by the rule of {@link #roots}. */
    private UUID root(Past past) {
        var header = past.view().header();
        var parent = header.details().parentExecutionId();
        if (parent == null) {
            return header.id().id();
        }
        position.require(past.asOf().position());
        return switch (past.moment()) {
            case Moment.Version version -> root(header.id(), parent, past.asOf().position());
            case Moment.Recorded recorded -> {
                var upTo = reads.inTurn(() -> log.positionAt(recorded.time()));
                position.require(upTo);
                yield root(header.id(), parent, upTo);
            }
            case Moment.Occurred occurred -> root(header.id(), parent, occurred.time());
        };
    }

    /** Follows the parents of those executions whose first event is at or before {@code upTo}. */
    private UUID root(ExecutionId id, UUID parent, long upTo) {
        return reads.ofTables(() -> lists.sql("""
                        with recursive line (id, parent, depth) as (
                          select cast(:id as uuid), cast(:parent as uuid), 0
                          union all
                          select line.parent, (
                              select e.parent_execution_id
                              from read_model.executions e
                              where (e.namespace, e.execution_id) >= (:namespace, line.parent)
                                and (e.namespace, e.execution_id) <= (:namespace, line.parent)
                                and (
                                  select s.from_position
                                  from read_model.execution_states s
                                  where (s.namespace, s.execution_id) >= (:namespace, line.parent)
                                    and (s.namespace, s.execution_id) <= (:namespace, line.parent)
                                  order by s.namespace, s.execution_id, s.from_position
                                  limit 1
                                ) <= :upTo
                              order by e.namespace, e.execution_id
                              limit 1
                            ), line.depth + 1
                          from line
                          where line.parent is not null
                            and line.parent <> :id
                            and line.depth < :deepest
                        )
                        select id
                        from line
                        order by depth desc
                        limit 1
                        """)
                .param("id", id.id())
                .param("parent", parent)
                .param("namespace", id.namespace())
                .param("upTo", upTo)
                .param("deepest", DEEPEST)
                .query(UUID.class)
                .single());
    }

    /** Follows the parents of those executions whose first event had occurred by {@code time}. */
    private UUID root(ExecutionId id, UUID parent, Instant time) {
        return reads.ofTables(() -> lists.sql("""
                        with recursive line (id, parent, depth) as (
                          select cast(:id as uuid), cast(:parent as uuid), 0
                          union all
                          select line.parent, (
                              select e.parent_execution_id
                              from read_model.executions e
                              where (e.namespace, e.execution_id) >= (:namespace, line.parent)
                                and (e.namespace, e.execution_id) <= (:namespace, line.parent)
                                and e.created_at <= :time
                              order by e.namespace, e.execution_id
                              limit 1
                            ), line.depth + 1
                          from line
                          where line.parent is not null
                            and line.parent <> :id
                            and line.depth < :deepest
                        )
                        select id
                        from line
                        order by depth desc
                        limit 1
                        """)
                .param("id", id.id())
                .param("parent", parent)
                .param("namespace", id.namespace())
                .param("time", time.atOffset(ZoneOffset.UTC))
                .param("deepest", DEEPEST)
                .query(UUID.class)
                .single());
    }
}
