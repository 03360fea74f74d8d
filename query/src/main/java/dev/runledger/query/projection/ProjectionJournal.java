package dev.runledger.query.projection;

import dev.runledger.events.EventJson;
import dev.runledger.query.Columns;
import dev.runledger.query.ReadModelSchema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;

/**
 * What happened to the projection: rebuilds, drift and skips, in {@code operations}, where no rebuild removes it. Shared
 * by all nodes; takes part in the transaction of its connection.
 */
final class ProjectionJournal {

    private static final TypeReference<List<DriftReport.Example>> EXAMPLES = new TypeReference<>() {};

    private final JdbcClient jdbc;

    ProjectionJournal(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Notes that a rebuild is wanted; answers whether it may begin: one at a time. */
    boolean begin(UUID id, String reason, long head) {
        return jdbc.sql("""
                        insert into operations.projection_rebuild (
                          id, projection, reason, state, code_version, requested_at, position, head, rows_read)
                        values (:id, :projection, :reason, 'RUNNING', :codeVersion, clock_timestamp(), 0, :head, 0)
                        on conflict (projection) where state = 'RUNNING' do nothing
                        """)
                        .param("id", id)
                        .param("projection", ReadModelSchema.PROJECTION)
                        .param("reason", reason)
                        .param("codeVersion", ReadModelSchema.CODE_VERSION)
                        .param("head", head)
                        .update()
                == 1;
    }

    /** The rebuild that this code has to go on with; null when there is none. */
    @Nullable
    UUID running() {
        return jdbc.sql("""
                        select id
                        from operations.projection_rebuild
                        where projection = :projection
                          and state = 'RUNNING'
                          and code_version = :codeVersion
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .param("codeVersion", ReadModelSchema.CODE_VERSION)
                .query(UUID.class)
                .optional()
                .orElse(null);
    }

    /** Ends what the code of another version began: its tables are of no use here. */
    void cancelOfOtherCode() {
        jdbc.sql("""
                update operations.projection_rebuild
                set state = 'CANCELLED',
                  ended_at = clock_timestamp()
                where projection = :projection
                  and state = 'RUNNING'
                  and code_version <> :codeVersion
                """)
                .param("projection", ReadModelSchema.PROJECTION)
                .param("codeVersion", ReadModelSchema.CODE_VERSION)
                .update();
    }

    /** Whether there are tables that only a rebuild needs. */
    boolean hasLeftovers() {
        return jdbc.sql("""
                        select to_regnamespace('read_model_old') is not null
                          or to_regnamespace('read_model_next') is not null
                        """).query(Boolean.class).single();
    }

    /** The rebuild that is under way, by whatever code; null when none is. */
    @Nullable
    UUID runningOfAnyCode() {
        return jdbc.sql("""
                        select id
                        from operations.projection_rebuild
                        where projection = :projection
                          and state = 'RUNNING'
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .query(UUID.class)
                .optional()
                .orElse(null);
    }

    /** Answers whether the rebuild {@code id} still runs: nobody has cancelled it. */
    boolean progressed(UUID id, String node, RebuildProgress progress) {
        return jdbc.sql("""
                        update operations.projection_rebuild
                        set node = :node,
                          position = :position,
                          head = :head,
                          rows_read = rows_read + :read,
                          events_per_second = coalesce(:rate, events_per_second)
                        where id = :id
                          and state = 'RUNNING'
                        """)
                        .param("id", id)
                        .param("node", node)
                        .param("position", progress.position())
                        .param("head", progress.head())
                        .param("read", progress.read())
                        .param("rate", progress.eventsPerSecond())
                        .update()
                == 1;
    }

    /** Answers whether it was running until now. */
    boolean end(UUID id, Rebuild.State state, @Nullable String error, @Nullable Long failedPosition) {
        return jdbc.sql("""
                        update operations.projection_rebuild
                        set state = :state,
                          ended_at = clock_timestamp(),
                          error = :error,
                          failed_position = :failedPosition
                        where id = :id
                          and state = 'RUNNING'
                        """)
                        .param("id", id)
                        .param("state", state.name())
                        .param("error", error)
                        .param("failedPosition", failedPosition)
                        .update()
                == 1;
    }

    /** The rebuild that was asked for last. */
    Optional<Rebuild> lastRebuild() {
        return jdbc.sql("""
                        select id, state, reason, code_version, position, head, events_per_second, requested_at, ended_at,
                          rows_read, node, error, failed_position
                        from operations.projection_rebuild
                        where projection = :projection
                        order by requested_at desc
                        limit 1
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .query(this::rebuild)
                .optional();
    }

    void add(DriftReport report, @Nullable UUID rebuild) {
        jdbc.sql("""
                insert into operations.projection_drift (
                  id, projection, rebuild_id, kind, verified_at, position, executions, missing, extra, different,
                  examples)
                values (:id, :projection, :rebuild, :kind, :verifiedAt::timestamptz, :position, :executions, :missing,
                  :extra, :different, :examples::json)
                """)
                .param("id", UUID.randomUUID())
                .param("projection", ReadModelSchema.PROJECTION)
                .param("rebuild", rebuild)
                .param("kind", report.kind().name())
                .param("verifiedAt", report.verifiedAt())
                .param("position", report.position())
                .param("executions", report.executions())
                .param("missing", report.missing())
                .param("extra", report.extra())
                .param("different", report.different())
                .param("examples", EventJson.mapper().writeValueAsString(report.examples()))
                .update();
    }

    /** The last report, of a rebuild or a verification. */
    Optional<DriftReport> lastDrift() {
        return jdbc.sql("""
                        select kind, verified_at, position, executions, missing, extra, different, examples
                        from operations.projection_drift
                        where projection = :projection
                        order by verified_at desc
                        limit 1
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .query(ProjectionJournal::drift)
                .optional();
    }

    /** Whether a sample was verified within {@code age}. */
    boolean sampledWithin(Duration age) {
        return jdbc.sql("""
                        select exists (
                          select
                          from operations.projection_drift
                          where projection = :projection
                            and kind = 'SAMPLE'
                            and verified_at > clock_timestamp() - :seconds * interval '1 second')
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .param("seconds", age.toSeconds())
                .query(Boolean.class)
                .single();
    }

    /** One event to skip; answers whether it was not before. */
    boolean skip(long position, String reason, String error) {
        return jdbc.sql("""
                        insert into operations.projection_skip (projection, position, reason, error, skipped_at)
                        values (:projection, :position, :reason, :error, clock_timestamp())
                        on conflict (projection, position) do nothing
                        """)
                        .param("projection", ReadModelSchema.PROJECTION)
                        .param("position", position)
                        .param("reason", reason)
                        .param("error", error)
                        .update()
                == 1;
    }

    /** Notes which events the tables skip that the rebuild {@code id} makes. */
    void heeds(UUID id, Skips skips) {
        jdbc.sql("""
                update operations.projection_rebuild
                set skips = :skips
                where id = :id
                """)
                .param("skips", skips.positions().toArray(Long[]::new))
                .param("id", id)
                .update();
    }

    /** What {@link #heeds} noted last. */
    Skips heeded(UUID id) {
        return new Skips(
                new HashSet<>(jdbc.sql("""
                        select unnest(skips)
                        from operations.projection_rebuild
                        where id = :id
                        """).param("id", id).query(Long.class).list()));
    }

    /** Takes a skip back; answers whether there was one. */
    boolean unskip(long position) {
        return jdbc.sql("""
                        delete from operations.projection_skip
                        where projection = :projection
                          and position = :position
                        """)
                        .param("projection", ReadModelSchema.PROJECTION)
                        .param("position", position)
                        .update()
                == 1;
    }

    Skips skips() {
        return new Skips(new HashSet<>(jdbc.sql("""
                        select position
                        from operations.projection_skip
                        where projection = :projection
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .query(Long.class)
                .list()));
    }

    /** An event that was skipped, as people see it. */
    record Skipped(long position, String reason, String error, String skippedAt) {}

    /** The newest first, at most a hundred. */
    List<Skipped> skipped() {
        return jdbc.sql("""
                        select position, reason, error, skipped_at
                        from operations.projection_skip
                        where projection = :projection
                        order by skipped_at desc, position desc
                        limit 100
                        """)
                .param("projection", ReadModelSchema.PROJECTION)
                .query((row, number) -> new Skipped(
                        row.getLong("position"),
                        row.getString("reason"),
                        row.getString("error"),
                        Objects.requireNonNull(Columns.timeText(row, "skipped_at"))))
                .list();
    }

    private Rebuild rebuild(ResultSet row, int number) throws SQLException {
        var id = row.getObject("id", UUID.class);
        var state = Rebuild.State.valueOf(row.getString("state"));
        var position = row.getLong("position");
        var head = row.getLong("head");
        var rate = row.getDouble("events_per_second");
        var known = !row.wasNull();
        var endsAt = state == Rebuild.State.RUNNING && known && rate > 0
                ? EventJson.format(Instant.now().plusMillis(Math.round(Math.max(0, head - position) / rate * 1e3)))
                : null;
        return new Rebuild(
                id,
                state,
                row.getString("reason"),
                row.getString("code_version"),
                position,
                head,
                head == 0 ? 100 : (int) Math.min(100, position * 100 / head),
                known ? (Double) (double) Math.round(rate) : null,
                Objects.requireNonNull(Columns.timeText(row, "requested_at")),
                endsAt,
                Columns.timeText(row, "ended_at"),
                row.getLong("rows_read"),
                row.getString("node"),
                row.getString("error"),
                Columns.bigint(row, "failed_position"),
                driftOf(id));
    }

    private @Nullable DriftReport driftOf(UUID rebuild) {
        return jdbc.sql("""
                        select kind, verified_at, position, executions, missing, extra, different, examples
                        from operations.projection_drift
                        where rebuild_id = :rebuild
                        order by verified_at desc
                        limit 1
                        """)
                .param("rebuild", rebuild)
                .query(ProjectionJournal::drift)
                .optional()
                .orElse(null);
    }

    private static DriftReport drift(ResultSet row, int number) throws SQLException {
        return new DriftReport(
                DriftReport.Kind.valueOf(row.getString("kind")),
                Objects.requireNonNull(Columns.timeText(row, "verified_at")),
                row.getLong("position"),
                row.getLong("executions"),
                row.getLong("missing"),
                row.getLong("extra"),
                row.getLong("different"),
                EventJson.mapper().readValue(row.getString("examples"), EXAMPLES));
    }
}
