package dev.runledger.query.execution;

import dev.runledger.events.ContentHash;
import dev.runledger.events.EventJson;
import dev.runledger.events.Json;
import dev.runledger.events.execution.ExecutionDetails;
import dev.runledger.events.execution.ExecutionHeader;
import dev.runledger.events.execution.ExecutionId;
import dev.runledger.events.execution.ExecutionStatus;
import dev.runledger.events.execution.Span;
import dev.runledger.events.execution.StepCounts;
import dev.runledger.events.execution.StepStatus;
import dev.runledger.query.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.core.type.TypeReference;

/** The projection's side of {@code executions}, {@code execution_tags} and {@code execution_states}. */
public final class ExecutionProjection {

    private static final TypeReference<TreeMap<String, String>> TAGS = new TypeReference<>() {};
    private static final TypeReference<EnumMap<StepStatus, Integer>> STEP_COUNTS = new TypeReference<>() {};

    private final JdbcTemplate jdbc;

    public ExecutionProjection(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** An execution's status from one position of the log until another, null while it lasts. */
    public record State(
            ExecutionId execution,
            ExecutionStatus status,
            long from,
            @Nullable Long to) {}

    /** A row before and after a batch; {@code before} is null when there was none. */
    public record Change(@Nullable ExecutionHeader before, ExecutionHeader after) {}

    private record Tag(ExecutionId execution, String name, String value, Instant createdAt) {}

    private static final Columns<ExecutionId> KEY = new Columns<ExecutionId>().execution(id -> id);

    /** The rows of {@code ids} that exist, without their input, which no event needs. */
    public Map<ExecutionId, ExecutionHeader> load(Collection<ExecutionId> ids) {
        var found = KEY.query(jdbc, """
                select e.*
                from unnest(?::text[], ?::uuid[]) as k(namespace, execution_id)
                cross join lateral (
                  select namespace, execution_id, version, position, workflow, workflow_version, type, status,
                    status_since, attempt, agent_id, customer_id, external_id, parent_execution_id, parent_step_id,
                    tags, metadata, output, error_message, error_type, error_stack_trace, error_details, created_at,
                    started_at, ended_at, deadline_at, timeout_ms, iterations, step_counts, artifact_count, erased
                  from executions
                  where namespace = k.namespace
                    and execution_id = k.execution_id
                  offset 0
                ) e
                """, ids, ExecutionProjection::header);
        var byId = new HashMap<ExecutionId, ExecutionHeader>();
        found.forEach(header -> byId.put(header.id(), header));
        return byId;
    }

    private static final Columns<ExecutionHeader> ROW = new Columns<ExecutionHeader>()
            .execution(ExecutionHeader::id)
            .bigint(ExecutionHeader::version)
            .bigint(ExecutionHeader::position)
            .text(row -> row.details().workflow())
            .integer(row -> row.details().workflowVersion())
            .text(row -> row.details().type())
            .text(row -> row.status().name())
            .bigint(ExecutionHeader::statusSince)
            .integer(ExecutionHeader::attempt)
            .text(row -> row.details().agentId())
            .text(row -> row.details().customerId())
            .text(row -> row.details().externalId())
            .uuid(row -> row.details().parentExecutionId())
            .text(row -> row.details().parentStepId())
            .json(ExecutionProjection::tagsOf)
            .json(row -> row.details().metadata())
            .json(row -> row.details().input())
            .json(ExecutionHeader::output)
            .text(row -> row.error() == null ? null : row.error().message())
            .text(row -> row.error() == null ? null : row.error().type())
            .text(row -> row.error() == null ? null : row.error().stackTrace())
            .json(row -> row.error() == null ? null : row.error().details())
            .time(ExecutionHeader::createdAt)
            .time(row -> row.span().startedAt())
            .time(row -> row.span().endedAt())
            .bigint(row -> row.span().durationMs())
            .bool(row -> row.span().clockSkew())
            .time(row -> row.details().deadlineAt())
            .bigint(row -> row.details().timeoutMs())
            .integer(ExecutionHeader::iterations)
            .json(ExecutionProjection::stepCountsOf)
            .integer(ExecutionHeader::artifactCount)
            .bool(ExecutionHeader::erased);

    // An input never changes; keeping the stored value leaves a long one where it is on disk.
    private static final String UPSERT = """
            insert into executions as known (
              namespace, execution_id, version, position, workflow, workflow_version, type, status, status_since,
              attempt, agent_id, customer_id, external_id, parent_execution_id, parent_step_id, tags, metadata,
              input, output, error_message, error_type, error_stack_trace, error_details, created_at, started_at,
              ended_at, duration_ms, clock_skew, deadline_at, timeout_ms, iterations, step_counts, artifact_count,
              erased)
            select r.namespace, r.execution_id, r.version, r.position, r.workflow, r.workflow_version, r.type,
              r.status, r.status_since, r.attempt, r.agent_id, r.customer_id, r.external_id,
              r.parent_execution_id, r.parent_step_id, r.tags::json, r.metadata::json, r.input::json,
              r.output::json, r.error_message, r.error_type, r.error_stack_trace, r.error_details::json,
              r.created_at, r.started_at, r.ended_at, r.duration_ms, r.clock_skew, r.deadline_at, r.timeout_ms,
              r.iterations, r.step_counts::json, r.artifact_count, r.erased
            from unnest(
              ?::text[], ?::uuid[], ?::bigint[], ?::bigint[], ?::text[], ?::integer[], ?::text[], ?::text[],
              ?::bigint[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::uuid[], ?::text[], ?::text[],
              ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[],
              ?::timestamptz[], ?::timestamptz[], ?::bigint[], ?::boolean[], ?::timestamptz[], ?::bigint[],
              ?::integer[], ?::text[], ?::integer[], ?::boolean[]
            ) as r(
              namespace, execution_id, version, position, workflow, workflow_version, type, status, status_since,
              attempt, agent_id, customer_id, external_id, parent_execution_id, parent_step_id, tags, metadata,
              input, output, error_message, error_type, error_stack_trace, error_details, created_at, started_at,
              ended_at, duration_ms, clock_skew, deadline_at, timeout_ms, iterations, step_counts, artifact_count,
              erased)
            on conflict (namespace, execution_id) do update
            set version = excluded.version,
              position = excluded.position,
              workflow = excluded.workflow,
              workflow_version = excluded.workflow_version,
              type = excluded.type,
              status = excluded.status,
              status_since = excluded.status_since,
              attempt = excluded.attempt,
              agent_id = excluded.agent_id,
              customer_id = excluded.customer_id,
              external_id = excluded.external_id,
              parent_execution_id = excluded.parent_execution_id,
              parent_step_id = excluded.parent_step_id,
              tags = excluded.tags,
              metadata = excluded.metadata,
              input = case when excluded.erased then null else coalesce(excluded.input, known.input) end,
              output = excluded.output,
              error_message = excluded.error_message,
              error_type = excluded.error_type,
              error_stack_trace = excluded.error_stack_trace,
              error_details = excluded.error_details,
              created_at = excluded.created_at,
              started_at = excluded.started_at,
              ended_at = excluded.ended_at,
              duration_ms = excluded.duration_ms,
              clock_skew = excluded.clock_skew,
              deadline_at = excluded.deadline_at,
              timeout_ms = excluded.timeout_ms,
              iterations = excluded.iterations,
              step_counts = excluded.step_counts,
              artifact_count = excluded.artifact_count,
              erased = excluded.erased
            """;

    private static final String COPY = """
            copy executions (
              namespace, execution_id, version, position, workflow, workflow_version, type, status, status_since,
              attempt, agent_id, customer_id, external_id, parent_execution_id, parent_step_id, tags, metadata, input,
              output, error_message, error_type, error_stack_trace, error_details, created_at, started_at, ended_at,
              duration_ms, clock_skew, deadline_at, timeout_ms, iterations, step_counts, artifact_count, erased)
            from stdin (format binary)
            """;

    /**
     * Writes the rows and tags that changed, and the states that ended or began.
     *
     * @param ended states that are there already
     * @param begun states that are not there yet; they may have ended too
     */
    public void save(Collection<Change> changes, Collection<State> ended, Collection<State> begun) {
        var known = new ArrayList<ExecutionHeader>();
        var fresh = new ArrayList<ExecutionHeader>();
        changes.forEach(change -> (change.before() == null ? fresh : known).add(change.after()));
        ROW.insert(jdbc, UPSERT, COPY, fresh);
        ROW.update(jdbc, UPSERT, known);
        saveTags(changes);
        saveStates(ended, begun);
    }

    private static final Columns<Tag> TAG = new Columns<Tag>()
            .execution(Tag::execution)
            .text(Tag::name)
            .text(Tag::value)
            .bigint(tag -> tagHash(tag.name(), tag.value()))
            .time(Tag::createdAt);

    private static final Columns<Tag> TAG_KEY =
            new Columns<Tag>().execution(Tag::execution).text(Tag::name);

    private static final String UPSERT_TAGS = """
            insert into execution_tags (namespace, execution_id, name, value, hash, created_at)
            select r.namespace, r.execution_id, r.name, r.value, r.hash, r.created_at
            from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::timestamptz[])
              as r(namespace, execution_id, name, value, hash, created_at)
            on conflict (namespace, execution_id, name) do update
            set value = excluded.value,
              hash = excluded.hash
            """;

    private static final String COPY_TAGS = """
            copy execution_tags (namespace, execution_id, name, value, hash, created_at)
            from stdin (format binary)
            """;

    private void saveTags(Collection<Change> changes) {
        var gone = new ArrayList<Tag>();
        var come = new ArrayList<Tag>();
        var fresh = new ArrayList<Tag>();
        for (var change : changes) {
            var before = change.before() == null ? Map.<String, String>of() : tags(change.before());
            var after = tags(change.after());
            if (before.equals(after)) {
                continue;
            }
            var id = change.after().id();
            var createdAt = change.after().createdAt();
            before.forEach((name, value) -> {
                if (!after.containsKey(name)) {
                    gone.add(new Tag(id, name, value, createdAt));
                }
            });
            after.forEach((name, value) -> {
                if (!value.equals(before.get(name))) {
                    (change.before() == null ? fresh : come).add(new Tag(id, name, value, createdAt));
                }
            });
        }
        TAG_KEY.update(jdbc, """
                delete from execution_tags t
                using unnest(?::text[], ?::uuid[], ?::text[]) as r(namespace, execution_id, name)
                where t.namespace = r.namespace
                  and t.execution_id = r.execution_id
                  and t.name = r.name
                """, gone);
        TAG.update(jdbc, UPSERT_TAGS, come);
        TAG.insert(jdbc, UPSERT_TAGS, COPY_TAGS, fresh);
    }

    private static final Columns<State> STATE = new Columns<State>()
            .execution(State::execution)
            .text(state -> state.status().name())
            .bigint(State::from)
            .bigint(State::to);

    private static final String UPSERT_STATES = """
            insert into execution_states (namespace, execution_id, status, from_position, to_position)
            select r.namespace, r.execution_id, r.status, r.from_position, r.to_position
            from unnest(?::text[], ?::uuid[], ?::text[], ?::bigint[], ?::bigint[])
              as r(namespace, execution_id, status, from_position, to_position)
            on conflict (namespace, execution_id, from_position) do update
            set to_position = excluded.to_position
            """;

    private static final String COPY_STATES = """
            copy execution_states (namespace, execution_id, status, from_position, to_position)
            from stdin (format binary)
            """;

    private void saveStates(Collection<State> ended, Collection<State> begun) {
        STATE.update(jdbc, UPSERT_STATES, ended);
        STATE.insert(jdbc, UPSERT_STATES, COPY_STATES, begun);
    }

    /** What the index of tags holds in place of the texts of one. */
    static long tagHash(String name, String value) {
        return ContentHash.ofText(name + "\0" + value);
    }

    /** The tags as they are written, in the order of their names. */
    static Json tagsOf(ExecutionHeader header) {
        return Json.of(EventJson.mapper().writeValueAsString(tags(header)));
    }

    /** The counts of its steps as they are written. */
    static Json stepCountsOf(ExecutionHeader header) {
        return Json.of(EventJson.mapper().writeValueAsString(header.stepCounts().byStatus()));
    }

    private static Map<String, String> tags(ExecutionHeader header) {
        var tags = header.details().tags();
        return tags == null ? Map.of() : new TreeMap<>(tags);
    }

    private static ExecutionHeader header(ResultSet row, int number) throws SQLException {
        return new ExecutionHeader(
                new ExecutionId(row.getString("namespace"), row.getObject("execution_id", UUID.class)),
                row.getLong("version"),
                row.getLong("position"),
                new ExecutionDetails(
                        row.getString("workflow"),
                        Columns.integer(row, "workflow_version"),
                        row.getString("type"),
                        row.getString("agent_id"),
                        row.getString("customer_id"),
                        row.getString("external_id"),
                        row.getObject("parent_execution_id", UUID.class),
                        row.getString("parent_step_id"),
                        EventJson.mapper().readValue(row.getString("tags"), TAGS),
                        Columns.json(row, "metadata"),
                        null,
                        Columns.time(row, "deadline_at"),
                        Columns.bigint(row, "timeout_ms")),
                ExecutionStatus.valueOf(row.getString("status")),
                row.getLong("status_since"),
                row.getInt("attempt"),
                Columns.json(row, "output"),
                Columns.failure(row, "error"),
                Objects.requireNonNull(Columns.time(row, "created_at")),
                new Span(Columns.time(row, "started_at"), Columns.time(row, "ended_at")),
                StepCounts.of(EventJson.mapper().readValue(row.getString("step_counts"), STEP_COUNTS)),
                row.getInt("iterations"),
                row.getInt("artifact_count"),
                row.getBoolean("erased"));
    }
}
