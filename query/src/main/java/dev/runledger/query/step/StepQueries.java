package dev.runledger.query.step;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.runledger.events.execution.AttemptView;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.Failure;
import dev.runledger.events.execution.StepStatus;
import dev.runledger.events.execution.StepView;
import dev.runledger.query.Cursor;
import dev.runledger.query.FoldedList;
import dev.runledger.query.OrderedScan;
import dev.runledger.query.OrderedScan.Key;
import dev.runledger.query.OrderedScan.Type;
import dev.runledger.query.PageOf;
import dev.runledger.query.QueryParameters;
import dev.runledger.query.QueryProblem;
import dev.runledger.query.ReadConnections;
import dev.runledger.query.Reads;
import dev.runledger.query.RowWeight;
import dev.runledger.query.past.Past;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads steps: of one execution, across executions, and one with its iterations and attempts. */
@Component
public class StepQueries {

    private static final int MOST_ATTEMPTS = 1_000;
    private static final String ITERATIONS = "-iteration";
    private static final String ATTEMPT_WEIGHT =
            RowWeight.of("a", List.of("error_details", "error_stack_trace", "error_message"));

    /** Where steps without an order stand: behind the highest that one may have. */
    private static final int LAST_ORDER = Integer.MAX_VALUE;

    private static final FoldedList<StepView> BY_ORDER = FoldedList.ascending("order", 2, step ->
            new long[] {Objects.requireNonNullElse(step.details().order(), LAST_ORDER), step.firstVersion()});

    private static final FoldedList<StepView> BY_ITERATION =
            FoldedList.descending(ITERATIONS, 1, step -> new long[] {step.key().iteration()});

    private final JdbcClient jdbc;
    private final JdbcClient pages;
    private final Reads reads;

    StepQueries(JdbcClient jdbc, ReadConnections connections, Reads reads) {
        this.jdbc = jdbc;
        this.pages = connections.client();
        this.reads = reads;
    }

    /** The first steps of an execution, in their order. */
    public PageOf<StepItem> first(ExecutionId execution, int limit) {
        return page(ofExecution(execution), null, limit);
    }

    PageOf<StepItem> ofExecution(ExecutionId execution, QueryParameters given) {
        var scan = ofExecution(execution);
        var statuses = given.constants("status", StepStatus.class);
        if (!statuses.isEmpty()) {
            scan.filter("e.status in (:statuses)")
                    .with("statuses", statuses.stream().map(Enum::name).toList());
        }
        filterText(scan, given, "type", "e.type = :type");
        filterText(scan, given, "name", "e.name = :name");
        return page(scan, given.cursor(), given.limit());
    }

    /** As {@link #first(ExecutionId, int)}, of the past. */
    public PageOf<StepItem> first(Past past, int limit) {
        return items(past, step -> true, null, limit);
    }

    PageOf<StepItem> ofExecution(Past past, QueryParameters given) {
        var statuses = given.constants("status", StepStatus.class);
        var type = given.text("type");
        var name = given.text("name");
        return items(
                past,
                step -> (statuses.isEmpty() || statuses.contains(step.status()))
                        && (type == null || type.equals(step.details().type()))
                        && (name == null || name.equals(step.details().name())),
                given.cursor(),
                given.limit());
    }

    private static PageOf<StepItem> items(Past past, Predicate<StepView> filter, @Nullable String cursor, int limit) {
        var view = past.view();
        return BY_ORDER.page(view.steps().values().stream().filter(filter), cursor, limit, StepQueries::bytes)
                .map(step -> StepItem.of(view.header().id(), step, true))
                .of(past.asOf());
    }

    private static long bytes(StepView step) {
        var dependsOn = step.details().dependsOn();
        var error = step.error();
        return (dependsOn == null
                        ? 0
                        : dependsOn.stream().mapToLong(String::length).sum())
                + (error == null ? 0 : error.message().length());
    }

    private static long wholeBytes(StepView step) {
        return bytes(step)
                + FoldedList.bytes(
                        step.details().input(), step.output(), step.details().metadata())
                + step.attempts().reversed().stream()
                        .limit(MOST_ATTEMPTS)
                        .mapToLong(attempt -> bytes(attempt.error()))
                        .sum();
    }

    private static long bytes(@Nullable Failure error) {
        return error == null
                ? 0
                : error.message().length()
                        + (error.stackTrace() == null ? 0 : error.stackTrace().length())
                        + FoldedList.bytes(error.details());
    }

    private static OrderedScan ofExecution(ExecutionId execution) {
        return new OrderedScan(
                        "order",
                        List.of(
                                new Key("coalesce(step_order, 2147483647)", Type.NUMBER),
                                new Key("first_version", Type.NUMBER)),
                        false)
                .scan("e.namespace = :namespace")
                .scan("e.execution_id = :id")
                .with("namespace", execution.namespace())
                .with("id", execution.id());
    }

    PageOf<StepItem> acrossExecutions(String namespace, QueryParameters given) {
        var scan = new OrderedScan("-position", List.of(new Key("first_position", Type.NUMBER)), true)
                .scan("e.namespace = :namespace")
                .with("namespace", namespace);
        var statuses = given.constants("status", StepStatus.class);
        // The index of the first of these that is given is scanned; the others are looked at row by row.
        var free = true;
        free = equal(scan, free, given, "name", "e.name = :name");
        free = equal(scan, free, given, "workflow", "e.workflow = :workflow");
        free = equal(scan, free, given, "type", "e.type = :type");
        if (statuses.size() == 1 && free) {
            scan.drive("status", "status", statuses.getFirst().name());
        } else if (!statuses.isEmpty()) {
            scan.filter("e.status in (:statuses)")
                    .with("statuses", statuses.stream().map(Enum::name).toList());
        }
        filterText(scan, given, "agentId", "e.agent_id = :agentId");
        filterTime(scan, given, "startedAfter", "e.started_at > :startedAfter");
        filterTime(scan, given, "startedBefore", "e.started_at < :startedBefore");
        filterTime(scan, given, "endedAfter", "e.ended_at > :endedAfter");
        filterTime(scan, given, "endedBefore", "e.ended_at < :endedBefore");
        return page(scan, given.cursor(), given.limit());
    }

    /**
     * The iterations of a step, the latest first, each with its last thousand attempts, or as many as a page has room for.
     *
     * @throws QueryProblem when the execution has no such step
     */
    PageOf<StepAnswer> iterations(ExecutionId execution, String stepId, QueryParameters given) {
        var scan = new OrderedScan(ITERATIONS, List.of(new Key("iteration", Type.NUMBER)), true)
                .scan("e.namespace = :namespace")
                .scan("e.execution_id = :id")
                .scan("e.step_id = :stepId")
                .with("namespace", execution.namespace())
                .with("id", execution.id())
                .with("stepId", stepId)
                .weigh(
                        "input",
                        "output",
                        "metadata",
                        "error_stack_trace",
                        "error_details",
                        "error_message",
                        "depends_on");
        var page = reads.ofTables(
                () -> scan.page(pages, """
                e.execution_id, e.step_id, e.name, e.type, e.iteration, e.step_order, e.depends_on, e.status, e.attempt,
                e.max_retries, e.next_retry_at, e.agent_id, e.error_message, e.error_type, e.error_stack_trace,
                e.error_details, e.started_at, e.ended_at, e.duration_ms, e.clock_skew, e.input, e.output,
                e.metadata""", "read_model.steps", given.cursor(), given.limit(), StepAnswer::read));
        if (page.items().isEmpty() && given.cursor() == null) {
            throw QueryProblem.notFound("step " + stepId + " of the execution " + execution.id());
        }
        return withAttempts(execution, stepId, page);
    }

    /**
     * As {@link #iterations(ExecutionId, String, QueryParameters)}, of the past.
     *
     * @throws QueryProblem when the execution had no such step then
     */
    PageOf<StepAnswer> iterations(Past past, String stepId, QueryParameters given) {
        var view = past.view();
        var id = view.header().id();
        var ofStep = view.steps().values().stream()
                .filter(step -> step.key().stepId().equals(stepId));
        var page = BY_ITERATION.page(ofStep, given.cursor(), given.limit(), StepQueries::wholeBytes);
        if (page.items().isEmpty() && given.cursor() == null) {
            throw QueryProblem.notFound("step " + stepId + " of the execution " + id.id() + " "
                    + past.moment().text());
        }
        return page.map(step -> StepAnswer.of(id, step, attempts(step))).of(past.asOf());
    }

    /** The last attempts of {@code step} that one page shows. */
    private static List<AttemptView> attempts(StepView step) {
        var shown = new ArrayDeque<AttemptView>();
        var bytes = 0L;
        for (var attempt : step.attempts().reversed()) {
            if (shown.size() == MOST_ATTEMPTS || bytes >= PageOf.BYTES) {
                break;
            }
            shown.addFirst(attempt);
            bytes += bytes(attempt.error());
        }
        return List.copyOf(shown);
    }

    private record Tried(int iteration, StepAnswer.Attempt attempt, long bytes) {}

    /** The page with the attempts of its iterations; without those iterations that they leave no room for. */
    private PageOf<StepAnswer> withAttempts(ExecutionId execution, String stepId, PageOf<StepAnswer> page) {
        var tried = reads.ofTables(() -> pages.sql("""
                        select *
                        from (
                          select i.*, sum(i.cost) over (order by i.iteration desc, i.number desc) as bytes
                          from (
                            select a.*,
                              %s as cost
                            from unnest(:iterations) as k(iteration)
                            cross join lateral (
                              select iteration, number, status, agent_id, error_message, error_type, error_stack_trace,
                                error_details, next_retry_at, started_at, ended_at
                              from read_model.step_attempts
                              where namespace = :namespace
                                and execution_id = :id
                                and step_id = :stepId
                                and iteration = k.iteration
                              order by number desc
                              limit :most
                            ) a
                          ) i
                        ) w
                        where w.bytes - w.cost < :pageBytes
                        order by w.iteration desc, w.number desc
                        """.formatted(ATTEMPT_WEIGHT))
                .param(
                        "iterations",
                        page.items().stream()
                                .map(step -> step.item().iteration())
                                .toArray(Integer[]::new))
                .param("namespace", execution.namespace())
                .param("id", execution.id())
                .param("stepId", stepId)
                .param("most", MOST_ATTEMPTS)
                .param("pageBytes", PageOf.BYTES)
                .query((row, number) ->
                        new Tried(row.getInt("iteration"), StepAnswer.Attempt.read(row), row.getLong("bytes")))
                .list());
        var attempts =
                tried.reversed().stream().collect(groupingBy(Tried::iteration, mapping(Tried::attempt, toList())));
        var whole = page.map(step -> step.with(attempts.getOrDefault(step.item().iteration(), List.of())));
        if (tried.isEmpty() || tried.getLast().bytes() < PageOf.BYTES) {
            return whole;
        }
        // The last attempt that was read may not be the first of its iteration: that begins the next page.
        var last = tried.getLast().iteration();
        var shown = whole.items().stream()
                .takeWhile(step -> step.item().iteration() > last)
                .toList();
        var first = whole.items().getFirst();
        return shown.isEmpty()
                ? new PageOf<>(List.of(first), page.items().size() == 1 ? page.nextCursor() : after(first))
                : new PageOf<>(shown, after(shown.getLast()));
    }

    private static String after(StepAnswer step) {
        return Cursor.after(ITERATIONS, step.item().iteration());
    }

    /** How many steps the agent runs, counted up to {@code most}. */
    public long runningOf(String namespace, String agentId, int most) {
        return reads.ofTables(() -> jdbc.sql("""
                        select count(*)
                        from (
                          select
                          from read_model.steps
                          where namespace = :namespace
                            and agent_id = :agentId
                            and status = 'RUNNING'
                          limit :most
                        ) s
                        """)
                .param("namespace", namespace)
                .param("agentId", agentId)
                .param("most", most)
                .query(Long.class)
                .single());
    }

    private PageOf<StepItem> page(OrderedScan scan, @Nullable String cursor, int limit) {
        scan.weigh("depends_on", "error_message");
        return reads.ofTables(
                () -> scan.page(pages, StepItem.COLUMNS, "read_model.steps", cursor, limit, StepItem::read));
    }

    /** @return whether the index to scan is still free */
    private static boolean equal(OrderedScan scan, boolean free, QueryParameters given, String name, String sql) {
        var value = given.text(name);
        if (value == null) {
            return free;
        }
        if (free) {
            // The parameter has the column's name.
            scan.drive(name, name, value);
        } else {
            scan.filter(sql).with(name, value);
        }
        return false;
    }

    private static void filterText(OrderedScan scan, QueryParameters given, String name, String sql) {
        var value = given.text(name);
        if (value != null) {
            scan.filter(sql).with(name, value);
        }
    }

    private static void filterTime(OrderedScan scan, QueryParameters given, String name, String sql) {
        var time = given.time(name);
        if (time != null) {
            scan.filter(sql).with(name, time.atOffset(ZoneOffset.UTC));
        }
    }
}
